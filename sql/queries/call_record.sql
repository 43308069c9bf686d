-- Records a call.
select result.reference, result.revision, result.as_of, result.known_at
  from register.call_record(:'document'::jsonb, :'author'::text) as result
