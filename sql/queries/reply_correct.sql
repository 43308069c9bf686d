-- Corrects a reply: a new version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.reply_correct(:'reference'::text, :'document'::jsonb) as result
