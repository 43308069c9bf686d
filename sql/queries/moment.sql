-- The moment that an answer is for.
select moment.as_of, moment.known_at, moment.revision, moment.projected
  from register.resolve_moment(:'as_of'::date, :'known_at'::timestamptz,
                       coalesce(:'internal'::boolean, false)) as moment
