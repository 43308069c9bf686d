-- Ends a token's life; false: there was none to end.
select service.token_revoke(:'name'::text) as revoked
