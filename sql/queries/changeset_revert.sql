-- Records the changeset that undoes another one.
select result.reference, result.revision, result.as_of, result.known_at
  from service.changeset_revert(:'reference'::text, :'document'::jsonb) as result
