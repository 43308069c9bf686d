-- Proposals: judged, stored and decided on, and nothing of them in the record until then.
begin;
select no_plan();

create function pg_temp.begins(token text) returns text
    language sql
    return (select w.outcome
              from service.write_begin(sha256(token::bytea), null, null, null, false, null) as w);
create function pg_temp.ends() returns void
    language sql
as 'delete from register.open_write';
create function pg_temp.proposes(token text, state text) returns text
    language plpgsql
as $$
declare
    made text;
begin
    perform pg_temp.begins(token);
    made := service.proposal_create('record', 'action', null, jsonb_build_object(
        'state', state, 'kind', 'signature', 'date', '2020-01-01',
        'verification', 'single_source', 'sources', jsonb_build_array('https://www.coe.int/')), null);
    perform pg_temp.ends();
    return made;
end
$$;
create function pg_temp.sees(token text) returns bigint
    language sql
    return (select count(*) from service.proposals_seen(sha256(token::bytea), null));

select service.token_create('author', sha256('author'), '{actions:write}', null);
select service.token_create('decider', sha256('decider'), '{changesets:approve}', null);
select service.token_create('other', sha256('other'), '{actions:write,outlook:read}', null);
select number as before from register.revision \gset

select throws_like($$select pg_temp.proposes('author', 'JPN')$$, '%', 'an unlawful proposal is refused');
select pg_temp.ends();
select pg_temp.proposes('author', 'PRT') as proposal \gset
select is((select number from register.revision), :before::bigint, 'a proposal makes no revision');
select is_empty($$select from register.action where state = 'PRT'$$, 'and no action');
select is_empty($$select from register.open_write where reference is null$$, 'its write has ended');
select is((select array_agg(pg_temp.sees(t) order by t) from unnest('{author,decider,other}'::text[]) as t),
          '{1,1,0}', 'its author and the decider see it, and nobody else');
select is((select p.identity from register.proposal as p), 'author', 'it is of its author');
select is((select shown -> 0 ->> 'op' from register.proposal as p
             cross join lateral register.proposal_operations(p.document, p.reverts)), 'record',
          'with its operations');
select ok(service.same_hand('author', 'author') and not service.same_hand('author', 'decider'),
          'two tokens are two hands');
select ok(service.may_decide('decider') and not service.may_decide('author')
          and service.may_decide('Anna #7'), 'a decider is told of it');

select pg_temp.begins('author');
select throws_ok(format($$select service.proposal_approve(%L, sha256('author'), null)$$, :'proposal'),
                 'T5010', null, 'its author does not approve it');
select pg_temp.ends();
select pg_temp.begins('other');
select throws_ok(format($$select service.proposal_end(%L, 'withdrawn', null, sha256('other'), null)$$, :'proposal'),
                 'T5001', null, 'for others it is not there');
select pg_temp.ends();
select pg_temp.begins('decider');
select throws_ok(format($$select service.proposal_end(%L, 'rejected', ' ', sha256('decider'), null)$$, :'proposal'),
                 'T4018', null, 'a rejection has a reason');
select is((select result.revision from service.proposal_approve(:'proposal', sha256('decider'), null) as result),
          :before::bigint + 1, 'another person records it');
select throws_ok(format($$select service.proposal_approve(%L, sha256('decider'), null)$$, :'proposal'),
                 'T5011', null, 'once');
select pg_temp.ends();
select is((select author from register.changeset order by reference desc limit 1), 'author',
          'under its author''s name');
select results_eq('select event, author from register.proposal_event order by number',
                  $$values ('proposed', 'author'), ('recorded', 'decider')$$, 'both are logged');
select is((select digest from register.proposal_event order by number desc limit 1),
          register.proposals_at('infinity'), 'and the chain goes on with the newest event');

-- The chain ------------------------------------------------------------------------------------------

select is_empty('select * from register.audit_proposals()', 'proposals are as they were logged');
select throws_ok('delete from register.proposal_event', 'T5009', null, 'the log is never changed');
select throws_ok($$update register.proposal set author = 'x'$$, 'T5009', null, 'nor is a proposal');
savepoint sound;
set local session_replication_role = replica;
update register.proposal set document = '{}';
select results_eq('select finding, reference from register.audit_proposals()',
                  format($$values ('proposal_differs', %L)$$, :'proposal'), 'a changed proposal is found');
rollback to sound;
set local session_replication_role = replica;
update register.proposal_event set author = 'x' where number = 2;
select results_eq('select finding from register.audit_proposals()', $$values ('proposal_log_differs')$$,
                  'so is a changed event');
rollback to sound;
set local session_replication_role = replica;
delete from register.proposal_event where number = 1;
select results_eq('select finding from register.audit_proposals() order by 1',
                  $$values ('proposal_differs'), ('proposal_log_differs'), ('proposal_log_gap')$$,
                  'and one that is gone');
rollback to sound;

set local role ets144_service;
select throws_ok(attempt, '42501', null, attempt || ' is refused')
  from (values ($$select register.proposal_store(null, null, null, '{}', null, 'x', 'x')$$),
               ($$select register.proposal_log('x', 'recorded', 'x', null, null)$$),
               ($$insert into register.proposal_event values (1)$$)) as made (attempt);
reset role;

select * from finish();
rollback;
