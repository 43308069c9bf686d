-- The attempts of a webhook, newest first.
select attempt.delivery, attempt.occasion, attempt.number, attempt.started_at, attempt.outcome,
       attempt.duration as duration_ms, attempt.status, attempt.error, attempt.answer,
       attempt.attempt::text as _attempt
  from service.webhook_attempts(:'reference'::text, :'before'::bigint, :'limit'::integer) as attempt
