-- Actions that are not voided, in the order of the days they count from. With `reference`: that
-- action, voided or not, and no other is read.
-- The State of that action is found first: with a sub-select among its arguments a function is not
-- inlined, and would be planned at each execution.
with asked as materialized (
    select array_agg(action.state) as states
      from register.action
     where action.reference = register.written_reference(:'reference'::text)
)
select action.reference, action.state, version.kind,
       register.in_language(:'lang'::text, kind.name_en, kind.name_fr) as kind_name,
       version.version,
       version.date, version.not_before, version.not_after, version.received_on,
       version.published_effective_date, effect.computed_effective_date, effect.effective_on,
       effect.rule as effective_by, to_json(version.articles) as articles,
       to_json(version.chapters) as chapters,
       to_json(version.territories_covered) as "territories.covered",
       to_json(version.territories_left_out) as "territories.left_out",
       version.refers_to,
       register.in_language(:'lang'::text, version.summary_en, version.summary_fr) as summary,
       version.summary_en, version.summary_fr,
       register.in_language(:'lang'::text, version.vehicle_en, version.vehicle_fr) as vehicle,
       version.vehicle_en, version.vehicle_fr,
       version.original_language, version.verification, to_json(version.sources) as sources,
       version.voided, lower(version.recorded) as recorded_at, version.author as recorded_by,
       coalesce(version.date, version.not_after) as _day, action.number as _number
  from (select every.reference, every.state, every.number
          from register.action as every
         where :'reference'::text is null
         union all
        select one.reference, one.state, one.number
          from register.action as one
         where one.reference = (select register.written_reference(:'reference'::text))) as action
 cross join lateral register.action_version_at(action.reference, :'known_at'::timestamptz)
       as version
  left join register.kind on kind.code = version.kind
  left join (select every.*
               from asked
              cross join lateral register.effects_at(coalesce(:'as_of'::date, 'infinity'),
                                                     :'known_at'::timestamptz, asked.states)
                         as every) as effect
    on effect.reference = action.reference and not version.voided
 where case when
             (:'reference'::text is not null or not version.voided)
         and (:'as_of'::date is null or coalesce(version.date, version.not_after) <= :'as_of'::date)
         and (:'state'::text is null
              or action.state = (select register.state_code_of(:'state'::text, :'as_of'::date,
                                                  :'known_at'::timestamptz)))
         and (:'kind'::text is null or version.kind = any (string_to_array(:'kind'::text, ',')))
         and (:'from'::date is null or coalesce(version.date, version.not_after) >= :'from'::date)
         and (:'to'::date is null or coalesce(version.date, version.not_after) <= :'to'::date)
         and (:'verification'::text is null
              or version.verification = any (string_to_array(:'verification'::text, ',')))
         and (:'after_day'::date is null
              or (coalesce(version.date, version.not_after), action.state, action.number)
                 > (:'after_day'::date, :'after_state'::text, :'after_number'::integer))
       then true else false end
 order by coalesce(version.date, version.not_after), action.state, action.number
 limit :'limit'::integer
