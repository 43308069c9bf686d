-- Rejects or withdraws a proposal.
select ended.reference
  from service.proposal_end(:'proposal'::text, :'event'::text, :'document'::jsonb ->> 'reason',
                            :'token_digest'::bytea, :'person'::jsonb) as ended (reference)
