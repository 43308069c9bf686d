-- The moment that an answer is for.
select moment.as_of, moment.known_at, moment.revision, moment.projected
  from register.resolve_moment(
           :'as_of'::date,
           coalesce(:'known_at'::timestamptz,
                    case when :'internal'::boolean
                         then register.newest_seen(
                                  string_to_array(coalesce(:'internal_types'::text, ''), ',')) end),
           coalesce(:'internal'::boolean, false)) as moment
