-- Records an entry of the outlook.
select result.reference, result.revision, result.as_of, result.at as known_at
  from service.outlook_record(:'document'::jsonb) as result
