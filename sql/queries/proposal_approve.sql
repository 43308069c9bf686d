-- Records a proposal.
select result.reference, result.revision, result.as_of, result.known_at
  from service.proposal_approve(:'proposal'::text, :'token_digest'::bytea, :'person'::jsonb) as result
