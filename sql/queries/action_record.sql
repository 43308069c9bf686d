-- Records a treaty action.
select result.reference, result.revision, result.as_of, result.known_at
  from service.action_record(:'document'::jsonb) as result
