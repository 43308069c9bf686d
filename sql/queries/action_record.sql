-- Records a treaty action.
select result.reference, result.revision, result.as_of, result.known_at
  from register.action_record(:'document'::jsonb, :'author'::text) as result
