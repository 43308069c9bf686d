begin;

drop function service.proposal_end;
drop function service.proposal_approve;
drop function service.proposal_to_decide;
drop function service.proposal_create;
drop function service.proposals_seen;
drop function service.sees_internal;
drop function register.is_internal_now;
drop function service.same_hand;
drop function register.proposal_store;
drop function register.proposal_judge;
drop function register.proposal_apply;
drop function register.document_of_operation;
drop function register.proposal_operations;
drop function register.proposal_log;
drop function register.proposals_at;
drop function register.proposal_event_digest;
drop function register.proposal_digest;
drop table register.proposal_event;
drop table register.proposal;

commit;
