-- What a proposal asks for, as its author sent it.
select seen.document
  from service.proposals_seen(:'token_digest'::bytea, :'person'::jsonb, :'proposal'::text) as seen
