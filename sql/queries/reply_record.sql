-- Records a reply.
select result.reference, result.revision, result.as_of, result.known_at
  from service.reply_record(:'document'::jsonb) as result
