-- Revokes a token for the caller; no row: there is no such token.
select withdrawn.revoked
  from service.token_withdraw(:'id'::text, :'token_digest'::bytea, :'person'::jsonb)
           as withdrawn (revoked)
 where withdrawn.revoked is not null
