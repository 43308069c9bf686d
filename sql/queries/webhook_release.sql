-- Leaves to other replicas what this one will not end.
select service.webhook_release(:'attempts'::bigint[]) as released
