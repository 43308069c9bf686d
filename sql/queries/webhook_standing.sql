-- How far a webhook has been told.
select standing.waiting, standing.waiting_since, standing.failing_since, standing.failures,
       standing.next_attempt_at, standing.dead_letters
  from service.webhook_standing(:'reference'::text) as standing
