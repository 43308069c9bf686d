-- Every token, without its secret.
select token.name, array_to_string(token.scopes, ' ') as scopes, token.created_at, token.used_at,
       token.expires_at, token.revoked_at
  from service.token_list() as token
