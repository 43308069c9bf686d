begin;

select reference, author, document, operations, internal from register.proposal where false;
select number, event, digest from register.proposal_event where false;
select reference, status from service.proposals_seen('', null) where false;

rollback;
