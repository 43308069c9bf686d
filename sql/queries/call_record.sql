-- Records a call.
select result.reference, result.version, result.revision
  from register.call_record(:'document'::jsonb, :'author'::text) as result
