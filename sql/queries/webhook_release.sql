-- Releases the leases of attempts that this replica will not finish.
select service.webhook_release(string_to_array(:'attempts'::text, ',')::bigint[]) as released
