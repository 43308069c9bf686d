-- Voids a reply: a last version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.reply_void(:'reference'::text, :'reason'::text) as result
