-- Records a call.
select written.reference, written.version, written.revision
  from register.call_record(:'document'::jsonb, :'author'::text) as written
