-- Replaces a token under its name; false: unknown or revoked.
select service.token_rotate(:'name'::text, :'digest'::bytea) as rotated
