-- Records a treaty action.
select written.reference, written.version, written.revision
  from register.action_record(:'document'::jsonb, :'author'::text) as written
