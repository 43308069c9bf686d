-- The changeset that recorded a record, for its author.
select done.changeset
  from register.changeset_operation as done
 where done.type = :'record_type'::text and done.reference = :'reference'::text
   and done.op = 'record'
