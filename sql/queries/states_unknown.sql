-- The codes of no State, each with its index in the list.
select given.place - 1 as place, given.code
  from unnest(string_to_array(:'codes'::text, ',')) with ordinality as given (code, place)
 where not exists (select from register.state as s where s.code = upper(given.code))
 order by given.place
