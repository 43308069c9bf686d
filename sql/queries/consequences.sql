-- The consequences of a write: the register as of its revision, by default the newest, beside the
-- revision before.
with moment as (
    select log.at as after, previous.at as before
      from register.revision_log as log
      join register.revision_log as previous
        on previous.revision = :'revision_before'::bigint
     where log.revision = coalesce(:'revision'::bigint,
                               (select newest.number from register.revision as newest))
)
select (select coalesce(json_agg(json_build_object(
                   'state', change.state,
                   'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                   'before', change.was, 'after', change.is_now)
                   order by change.state), '[]')
          from register.status_changes(:'as_of'::date, moment.before, moment.after) as change
         -- A State that was voided has the name that it had.
         cross join lateral (
                   select named.name_en, named.name_fr
                     from register.named_state as named
                    where named.code = change.state and named.valid @> :'as_of'::date
                      and lower(named.recorded) <= moment.after
                    order by lower(named.recorded) desc
                    limit 1
               ) as version) as states,
       (select coalesce(json_agg(json_build_object(
                   'state', change.state,
                   'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                   'field', change.field, 'from', lower(change.valid),
                   'until', upper(change.valid), 'before', change.was, 'after', change.is_now)
                   order by change.state, lower(change.valid) nulls first, change.field), '[]')
          from register.row_changes(moment.before, moment.after) as change
         -- A State that was voided has the name that it had.
         cross join lateral (
                   select named.name_en, named.name_fr
                     from register.named_state as named
                    where named.code = change.state and named.valid @> :'as_of'::date
                      and lower(named.recorded) <= moment.after
                    order by lower(named.recorded) desc
                    limit 1
               ) as version) as changes,
       (select coalesce(json_agg(json_build_object(
                   'action', change.reference, 'state', change.state, 'kind', change.kind,
                   'before', change.effective_on_before, 'after', change.effective_on_after,
                   'rule', change.rule, 'article', change.article)
                   order by change.reference), '[]')
          from register.effective_date_changes(moment.before, moment.after) as change)
           as effective_dates,
       json_build_object('before', was.in_force_on, 'after', will_be.in_force_on,
                         'moves', was.in_force_on is distinct from will_be.in_force_on)
           as entry_into_force,
       (select json_build_object(
                   'appear', coalesce(json_agg(found.item order by found.item ->> 'action',
                                               found.item ->> 'code')
                                      filter (where found.change = 'appears'), '[]'),
                   'go', coalesce(json_agg(found.item order by found.item ->> 'action',
                                           found.item ->> 'code')
                                  filter (where found.change = 'goes'), '[]'))
          from (select change.change,
                       json_build_object(
                           'code', change.code,
                           'title', register.in_language(:'lang'::text, anomaly.name_en,
                                                         anomaly.name_fr),
                           'state', change.state, 'action', change.reference,
                           'recorded', change.recorded, 'expected', change.expected) as item
                  from register.anomaly_changes(:'as_of'::date, moment.before, moment.after)
                       as change
                  join register.anomaly on anomaly.code = change.code) as found) as anomalies
  from moment
 cross join register.entry_into_force('infinity', moment.before) as was
 cross join register.entry_into_force('infinity', moment.after) as will_be
