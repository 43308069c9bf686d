-- The progress of a webhook.
select progress.waiting, progress.waiting_since, progress.failing_since, progress.failures,
       progress.next_attempt_at, progress.dead_letters
  from service.webhook_progress(:'reference'::text) as progress
