-- The State's alpha-3 code, for its alpha-2 or alpha-3 code in any letter case on the day.
select found.code
  from register.state_code_of(:'code'::text, :'as_of'::date,
                              :'known_at'::timestamptz) as found (code)
 where found.code is not null
