-- Records a membership.
select result.reference, result.revision, result.as_of, result.known_at
  from service.fact_record('membership', :'document'::jsonb) as result
