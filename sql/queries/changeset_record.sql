-- Records a changeset, all of its operations or none.
select result.reference, result.revision, result.as_of, result.known_at
  from service.changeset_record(:'document'::jsonb) as result
