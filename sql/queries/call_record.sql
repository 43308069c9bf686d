-- Records a call.
select result.reference, result.revision, result.as_of, result.known_at
  from service.call_record(:'document'::jsonb) as result
