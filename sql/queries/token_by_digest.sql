-- The valid token with this digest.
select token.name, to_json(token.scopes) as scopes, token.expires_at
  from service.token_by_digest(:'token_digest'::bytea) as token
