-- Proposes a write; nothing is recorded.
select made.reference
  from service.proposal_create(
           :'op'::text, :'record_type'::text, :'reference'::text,
           coalesce(:'document'::jsonb, jsonb_build_object('reason', :'reason'::text)),
           :'reverts'::text) as made (reference)
