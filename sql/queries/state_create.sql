-- Records a State.
select result.reference, result.revision, result.as_of, result.known_at
  from service.fact_record('state', :'document'::jsonb) as result
