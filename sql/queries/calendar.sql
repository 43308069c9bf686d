-- Days of effect in order, of a State or of all.
select effect.uid, effect.day, effect.summary, effect.description, effect.category,
       effect.changed_at
  from register.calendar_at(:'known_at'::timestamptz, :'lang'::text) as effect
 where :'state'::text is null
    or effect.state = (select register.state_code_of(:'state'::text, null,
                                                                       :'known_at'::timestamptz))
 order by effect.day, effect.state nulls first, effect.reference
