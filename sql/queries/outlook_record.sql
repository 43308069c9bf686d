-- Records an entry of the outlook.
select result.reference, result.version, result.revision
  from register.outlook_record(:'document'::jsonb, :'author'::text) as result
