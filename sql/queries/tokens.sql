-- The tokens, or with `id` that token; without secrets.
select token.id, token.name, to_json(token.scopes) as scopes, token.created_at, token.created_by,
       token.rotated_at, token.previous_until as previous_token_until, token.used_at as last_used_at,
       token.expires_at, token.revoked_at
  from service.tokens_seen(:'token_digest'::bytea, :'id'::text, :'person'::jsonb) as token
