-- Creates a token for the caller.
select made.outcome, made.id, made.scope
  from service.token_issue(:'document'::jsonb, :'digest'::bytea, :'token_digest'::bytea,
                           :'person'::jsonb) as made
