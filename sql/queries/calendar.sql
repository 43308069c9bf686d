-- Days of effect in their order, of one State or of all.
select effect.uid, effect.day, effect.summary, effect.description, effect.category,
       effect.changed_at
  from register.calendar_at(:'known_at'::timestamptz, :'lang'::text) as effect
 where :'state'::text is null
    or effect.state = (select s.code
                         from register.state_version as s
                        where upper_inf(s.recorded) and :'state'::text in (s.code, s.alpha2))
 order by effect.day, effect.state nulls first, effect.reference
