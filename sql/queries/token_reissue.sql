-- Rotates a token for the caller; no row: there is no such token.
select made.outcome, made.scope
  from service.token_reissue(:'id'::text, :'digest'::bytea,
                             make_interval(secs => coalesce(:'keep_previous_for'::integer, 0)),
                             :'expires_on'::date, :'token_digest'::bytea, :'person'::jsonb) as made
