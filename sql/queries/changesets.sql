-- The journal: changesets, newest first, each with its first operations. With `reference`: that
-- changeset, with all of them.
select seen.reference, 'recorded' as status, seen.recorded_at, seen.author as recorded_by,
       seen.reason, seen.revision, seen.reverts,
       (select max(later.reference)
          from register.changesets_seen(string_to_array(coalesce(:'internal_types'::text, ''), ',')) as later
         where later.reverts = seen.reference) as reverted_by,
       null::timestamptz as proposed_at, approved.author as decided_by,
       approved.at as decided_at, null::text as decision_reason, null::text as recorded_as,
       seen.operation_count,
       (select json_agg(json_build_object(
                   'op', done.op, 'type', done.type, 'reference', done.reference,
                   'version', done.version, 'state', done.state, 'changed', done.changed,
                   'document', null)
                   order by done.place)
          from register.changeset_operations_seen(
                   seen.reference, string_to_array(coalesce(:'internal_types'::text, ''), ','),
                   case when :'reference'::text is null then 100 end) as done) as operations
  from register.changesets_seen(string_to_array(coalesce(:'internal_types'::text, ''), ',')) as seen
  left join register.proposal_event as approved on approved.changeset = seen.reference
 where case when
             (:'reference'::text is null
              or seen.reference = (select register.written_reference(:'reference'::text)))
         and (:'author'::text is null or seen.author = :'author'::text)
         and (:'from'::date is null or seen.recorded_at >= :'from'::date::timestamp at time zone 'UTC')
         and (:'to'::date is null
              or seen.recorded_at < (:'to'::date + 1)::timestamp at time zone 'UTC')
         and ((:'state'::text is null and :'type'::text is null)
              or exists (select
                           from register.changeset_operations_seen(
                                    seen.reference, string_to_array(coalesce(:'internal_types'::text, ''), ',')) as done
                          where (:'state'::text is null
                                 or done.state = (select register.state_code_of(:'state'::text)))
                            and (:'type'::text is null
                                 or done.type = any (string_to_array(:'type'::text, ',')))))
       then true else false end
   and seen.reference < coalesce(:'after_reference'::text, 'g')
 order by seen.reference desc
 limit :'limit'::integer
