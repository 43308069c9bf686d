-- Entries of the change feed after a position, in commit order: each a CloudEvents 1.0 event. `since` is
-- the position before the first entry of that moment.
select '1.0' as specversion, change.id, '/v1/changes' as source,
       format('int.coe.ets144.%s.%s', change.category, change.event) as type,
       coalesce(change.reference, change.state, '144') as subject, change.at as time,
       'application/json' as datacontenttype, change.category as "data.category",
       change.event as "data.event", change.state as "data.state",
       change.reference as "data.reference", change.version as "data.version",
       change.revision as "data.revision",
       (select encode(held.digest, 'hex')
          from register.revision_digest as held
         where held.revision = change.revision) as "data.revision_digest",
       change.before as "data.before",
       change.after as "data.after", change.reason as "data.reason",
       change.author as "data.recorded_by", change.number as _number
  from register.changes_after(
           greatest(:'after_at'::timestamptz, :'since'::timestamptz),
           case when :'since'::timestamptz > coalesce(:'after_at'::timestamptz, '-infinity')
                then 0 else :'after_number'::integer end,
           string_to_array(coalesce(:'internal_types'::text, ''), ','),
           string_to_array(:'category'::text, ','),
           case when :'state'::text is not null
                then array(select distinct register.state_code_of(named.code)
                             from unnest(string_to_array(:'state'::text, ',')) as named (code))
                end,
           :'most'::integer, :'author'::text) as change
