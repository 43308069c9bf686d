-- Leaves to other replicas what this one will not end.
select service.webhook_release(string_to_array(:'attempts'::text, ',')::bigint[]) as released
