-- Records an entry of the outlook.
select written.reference, written.version, written.revision
  from register.outlook_record(:'document'::jsonb, :'author'::text) as written
