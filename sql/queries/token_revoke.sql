-- Revokes a token; false: unknown or revoked before.
select service.token_revoke(:'name'::text) as revoked
