-- Records a treaty action.
select result.reference, result.version, result.revision
  from register.action_record(:'document'::jsonb, :'author'::text) as result
