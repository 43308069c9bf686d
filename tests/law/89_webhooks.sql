-- Webhooks: each is told what it asked for, in order, by one at a time; what fails is tried again and
-- given up in the end; and nobody sees a secret.
begin;
select no_plan();

create temporary table hook (name text primary key, id text) on commit drop;
create function pg_temp.hook(name text) returns text
    language sql as $$select h.id from pg_temp.hook as h where h.name = hook.name$$;
create function pg_temp.secret(letter text) returns text
    language sql as $$select 'whsec_' || repeat(letter, 43) || '='$$;
create function pg_temp.register(name text, document jsonb) returns void
    language sql as $$
    insert into pg_temp.hook
    values (name, service.webhook_create(document || '{"url": "https://a.example"}',
                                         pg_temp.secret('A'), 100, 100))$$;
select service.token_create('tests', sha256('t'), '{webhooks:write}', null);
insert into register.open_write (author) values ('tests');
create function pg_temp.call(reference text) returns text
    language sql as $$
    select (register.operation_apply('record', 'call', null, jsonb_build_object(
        'reference', call.reference, 'body', 'congress', 'date', '2012-01-01', 'title_en', 'A call',
        'title_fr', 'Un appel', 'asks_for', array['consent'], 'asks_en', 'To ratify.',
        'asks_fr', 'De ratifier.', 'verification', 'single_source',
        'sources', array['https://a.example']), 'tests')).reference$$;
create function pg_temp.entry(visibility text) returns text
    language sql as $$
    select (register.operation_apply('record', 'outlook', null, jsonb_build_object(
        'state', 'FRA', 'stage', 'no_plan', 'date', '2020-01-01', 'visibility', entry.visibility,
        'sources', array['https://a.example']), 'tests')).reference$$;
create function pg_temp.change_of(reference text) returns text
    language sql as $$
    select c.id from register.change as c where c.reference = change_of.reference
     order by c.at desc, c.number desc limit 1$$;
-- What is claimed now: the hook's name and the delivery's reference, in an order of their own.
create function pg_temp.claimed(most integer default 100) returns text[]
    language sql as $$
    select array_agg(h.name || ' ' || coalesce(c.reference, 'test') order by h.name)
      from service.webhook_claim(most, '1 minute') as claim
      join pg_temp.hook as h on h.id = claim.webhook
      left join register.change as c on c.id = claim.delivery$$;
-- Says what came of what a hook has under way.
create function pg_temp.settle(name text, error text default null, patience interval default '1 h')
    returns text
    language sql as $$
    select settled.outcome
      from service.webhook as w
     cross join lateral service.webhook_finish_attempt(
               w.lease, case when error is null then 200 when error = 'gone' then 410 end, error,
               12, 'answer', '10 minutes', patience) as settled
     where w.id = pg_temp.hook(name)$$;

-- Registering ---------------------------------------------------------------------------------

select lives_ok($$select pg_temp.register('all', '{}')$$, 'a webhook');
select lives_ok($$select pg_temp.register('calls', '{"categories": ["call", "call"]}')$$, 'of calls');
select lives_ok($$select pg_temp.register('france', '{"states": ["fra"]}')$$, 'of a State');
select lives_ok($$select pg_temp.register('inside', '{"internal": true, "description": "ours"}')$$,
                'of what is internal');
select lives_ok($$select pg_temp.register('off', '{"enabled": false}')$$, 'switched off');
select is(service.webhook_create('{"url": "https://a.example"}', pg_temp.secret('A'), 5, 100), null,
          'no more than there may be');
select is(service.webhook_create('{"url": "https://a.example"}', pg_temp.secret('A'), 100, 5), null,
          'nor than the share of an author');
select service.token_create('other', sha256('o'), '{webhooks:write}', null),
       service.token_create('chief', sha256('c'), '{webhooks:write,webhooks:admin}', null);
select is((select count(*) from service.webhook_list(sha256('o'), true)), 0::bigint,
          'another token sees none of them');
select is((select count(*) from service.webhook_list(sha256('none'), true)), 0::bigint,
          'nor does an unknown one');
select is((select count(*) from service.webhook_list(sha256('c'), true)), 5::bigint,
          'administrators see all');
select is(service.webhook_filter('["b", "a", "b"]', false), '{a,b}'::text[], 'each entry once');
select is(service.webhook_filter('["ita"]', true), '{ITA}'::text[], 'codes in capitals');
select is(service.webhook_filter('null', false), null, 'null is all');

select results_eq(
    $$select h.name, w.categories, w.states, w.internal, w.enabled, w.disabled_because
        from service.webhook_list(sha256('t'), true) as w join pg_temp.hook as h using (id)$$,
    $$values ('all', null::text[], null::text[], false, true, null::text),
             ('calls', '{call}', null, false, true, null),
             ('france', null, '{FRA}', false, true, null),
             ('inside', null, null, true, true, null),
             ('off', null, null, false, false, 'request')$$, 'all are listed');
select is((select count(*) from service.webhook_list(sha256('t'), false)), 4::bigint,
          'one that is told what is internal is not for everyone');
select is_empty($$select * from service.webhook_list(sha256('t'), false, pg_temp.hook('inside'))$$,
                'nor by its id');
select is(service.webhook_first_secret(pg_temp.hook('all')), pg_temp.secret('A'),
          'the first secret, for a repeated request');
select is(service.webhook_lock(pg_temp.hook('all')), true, 'one is held');
select is(service.webhook_lock('none'), null, 'none is not');

-- Being told ----------------------------------------------------------------------------------

select is(pg_temp.claimed(), null, 'a new one is told nothing of what was before');
select is((select count(*) from service.webhook as w, service.webhook_pending_changes(w, 10)), 0::bigint,
          'and nothing waits');
update register.open_write set trace = '00-' || repeat('a', 32) || '-' || repeat('b', 16) || '-01';
select is(pg_temp.call('LAW-1'), 'LAW-1', 'a call');
select throws_ok($$update register.open_write set trace = 'nonsense'$$, '23514', null,
                 'what is no trace is refused');
update register.open_write set trace = null;
select is(pg_temp.call('LAW-2'), 'LAW-2', 'and another');
select is((select array_agg(c.reference) from service.webhook as w,
                  service.webhook_pending_changes(w, 10) as c where w.id = pg_temp.hook('all')),
          '{LAW-1,LAW-2}', 'both wait, in their order');
select is(pg_temp.claimed(), '{all LAW-1,calls LAW-1,inside LAW-1}',
          'each that it concerns is given the first, and who is off is not');
select is(pg_temp.claimed(), null, 'and no second one while that is under way');
select is((select (after_at, after_number) = (select f.at, f.number from service.feed_end() as f)
             from service.webhook where id = pg_temp.hook('france')), true,
          'whom none concerns has passed them all by');
select is(pg_temp.settle('all'), 'delivered', 'delivered');
select is(pg_temp.settle('all'), null, 'which is said once');
select is(pg_temp.claimed(), '{all LAW-2}', 'then comes the second');
select is(pg_temp.settle('all'), 'delivered', 'delivered, too');
select is((select (waiting, failures, dead_letters)::text
             from service.webhook_progress(pg_temp.hook('all'))), '(0,0,0)', 'nothing more waits');
select is(pg_temp.entry('internal') is not null, true, 'something internal');
select is(pg_temp.claimed(), null, 'is nobody''s who is told no such thing');
select is(pg_temp.settle('inside'), 'delivered', 'the other one takes its first');
select is((select array_agg(outcome order by id) from service.webhook_attempt
            where webhook = pg_temp.hook('inside')), '{delivered}', 'as its attempts tell');
select is(pg_temp.claimed(), '{inside LAW-2}', 'its second');
select is(pg_temp.settle('inside'), 'delivered', 'taken');
select matches(pg_temp.claimed()::text, '^."inside [0-9a-f-]{36}".$', 'and what is internal');

-- A lease that ran out ------------------------------------------------------------------------

update service.webhook set leased_until = clock_timestamp() where id = pg_temp.hook('calls');
create temporary table late on commit drop as
select lease from service.webhook where id = pg_temp.hook('calls');
select is(pg_temp.claimed(), '{calls LAW-1}', 'another takes the same, under the same id');
select results_eq($$select number, outcome from service.webhook_attempt
                     where webhook = pg_temp.hook('calls') order by id$$,
                  $$values (1, 'interrupted'), (2, 'under_way')$$, 'which is a second attempt');
select is((select outcome from late, service.webhook_finish_attempt(lease, 200, null, 1, null, '1 s', '1 h')),
          'delivered', 'the first one says so late');
select is((select count(*) from service.webhook where id = pg_temp.hook('calls')
                                                  and leased_until > clock_timestamp()), 1::bigint,
          'and moves nothing');
select is(service.webhook_release(array(select lease from service.webhook
                                         where id = pg_temp.hook('calls'))), 1::bigint,
          'what is left to others');
select is(pg_temp.claimed(), '{calls LAW-1}', 'is theirs at once');

-- Failing -------------------------------------------------------------------------------------

select ok(bool_and(pause between interval '5 s' and interval '15 s'), 'a first pause')
  from (select service.webhook_backoff(1, '10 s', '3 days') as pause from generate_series(1, 99)) as p;
select ok(bool_and(pause between interval '80 s' and interval '240 s'), 'a third is longer')
  from (select service.webhook_backoff(3, '10 s', '3 days') as pause from generate_series(1, 99)) as p;
select ok(bool_and(pause between interval '6 h' and interval '18 h'), 'there is a longest')
  from (select service.webhook_backoff(900, '10 s', '3 days') as pause from generate_series(1, 99)) as p;
select ok(count(distinct service.webhook_backoff(1, '10 s', '3 days')) > 1, 'and some chance')
  from generate_series(1, 99);

select is(pg_temp.settle('calls', 'timed_out'), 'failed', 'a failure');
select results_eq(
    $$select failures, failing_since is not null, next_attempt_at > now() + interval '4 minutes',
             waiting
        from service.webhook_progress(pg_temp.hook('calls'))$$,
    $$values (1, true, true, 2::bigint)$$, 'it waits, and so do all that follow');
select is(pg_temp.claimed(), null, 'nothing is due');
update service.webhook set next_attempt_at = clock_timestamp() where id = pg_temp.hook('calls');
select is(pg_temp.claimed(), '{calls LAW-1}', 'until it is');
select is(pg_temp.settle('calls', 'timed_out', '-1 s'), 'given_up', 'the patience is over');
select results_eq(
    $$select delivery, attempts, status, error, category, revision
        from service.webhook_dead_letters(pg_temp.hook('calls'), null, null, 10)$$,
    $$select id, 4, null::integer, 'timed_out', 'call', revision from register.change
       where reference = 'LAW-1'$$, 'a dead letter');
select is_empty($$select * from service.webhook_dead_letters(pg_temp.hook('calls'), 'infinity', 0, 9)$$,
                'behind which there is none');
select is(pg_temp.claimed(), '{calls LAW-2}', 'the next one''s turn comes at once');
select is(pg_temp.settle('calls', 'gone'), 'gone', 'the receiver wants no more');
select is((select disabled_because from service.webhook_list(sha256('t'), true, pg_temp.hook('calls'))), 'gone',
          'and is told no more');
select is((select (enabled, disabled, failing, waiting, dead_letters)::text
             from service.webhook_backlog()), '(3,2,0,1,1)', 'those who watch see it');
select ok((select oldest_seconds > 0 from service.webhook_backlog()), 'and for how long');

-- By hand -------------------------------------------------------------------------------------

select is(service.webhook_redeliver(pg_temp.hook('calls'), pg_temp.change_of('LAW-1')), true,
          'the dead letter once more');
select is(service.webhook_redeliver(pg_temp.hook('calls'), pg_temp.change_of('LAW-1')), true,
          'asked twice');
select is(service.webhook_redeliver(pg_temp.hook('calls'), 'none'), false, 'no such change');
select is((select bool_or(service.webhook_redeliver(pg_temp.hook('calls'), c.id))
             from register.change as c where c.audience = 'internal'), false,
          'nor one that is not for it');
select isnt(service.webhook_test(pg_temp.hook('calls')), null, 'a test');
select is(service.webhook_test(pg_temp.hook('calls')), service.webhook_test(pg_temp.hook('calls')),
          'is not doubled');
select is(service.webhook_test('none'), null, 'and not sent to nobody');
select is(pg_temp.claimed(), '{calls LAW-1}', 'though it is switched off');
select is(pg_temp.settle('calls'), 'delivered', 'the dead letter arrives');
select is_empty($$select * from service.webhook_dead_letters(pg_temp.hook('calls'), null, null, 9)$$,
                'and is none any more');
select is(pg_temp.claimed(), '{calls test}', 'the test after it');
select is(pg_temp.settle('calls', 'timed_out'), 'failed', 'is tried once');
select is(pg_temp.claimed(), null, 'and no more');
select results_eq($$select occasion, number, outcome, duration, status, error, answer
                      from service.webhook_attempts(pg_temp.hook('calls'), null, 2)$$,
                  $$values ('test', 1, 'failed', 12, null::integer, 'timed_out', 'answer'),
                           ('redelivery', 5, 'delivered', 12, 200, null, 'answer')$$,
                  'the attempts, newest first');
select is((select count(*) from service.webhook_attempts(pg_temp.hook('calls'), 0, 9)), 0::bigint,
          'from before one of them');

-- Changing ------------------------------------------------------------------------------------

select is(service.webhook_change(pg_temp.hook('calls'), '{"enabled": true, "categories": null}'), true,
          'switched on again');
select results_eq($$select enabled, disabled_because, categories, failing_since
                      from service.webhook_list(sha256('t'), true, pg_temp.hook('calls'))$$,
                  $$values (true, null::text, null::text[], null::timestamptz)$$, 'as it was asked');
select is(pg_temp.claimed(), '{calls LAW-2}', 'it goes on where it stood');
select is(service.webhook_replay(pg_temp.hook('calls'), pg_temp.change_of('LAW-1'), null, null), true,
          'and, while that is under way, is given another place');
select is(pg_temp.settle('calls'), 'delivered', 'what was under way arrives');
select is(pg_temp.claimed(), '{calls LAW-2}', 'and comes again from the new place');
select is(service.webhook_replay(pg_temp.hook('all'), null, '-infinity', 0), true,
          'from the beginning');
select is((select waiting from service.webhook_progress(pg_temp.hook('all'))),
          (select count(*) from register.change where audience <> 'internal'), 'all of it');
select is(service.webhook_replay(pg_temp.hook('all'), 'none', null, null), false, 'no such change');
select is(service.webhook_change('none', '{}'), false, 'there is no such webhook');
select isnt(service.webhook_rotate(pg_temp.hook('all'), pg_temp.secret('B'), true), null,
            'another secret');
select is(service.webhook_first_secret(pg_temp.hook('all')), null, 'the first one is not told again');
select results_eq($$select secret, previous_secret from service.webhook_claim(9, '1 minute')
                     where webhook = pg_temp.hook('all')$$,
                  $$values (pg_temp.secret('B'), pg_temp.secret('A'))$$, 'both sign');
select is(pg_temp.settle('all'), 'delivered', 'for a day');
select is(service.webhook_rotate(pg_temp.hook('all'), pg_temp.secret('C'), true) is null, false,
          'changed again');
select is((select previous_secret from service.webhook where id = pg_temp.hook('all')),
          pg_temp.secret('A'), 'what receivers have for sure stays the previous one');
select is(service.webhook_rotate(pg_temp.hook('all'), pg_temp.secret('D'), false), null,
          'or the new one alone signs');
select is((select previous_secret from service.webhook_claim(9, '1 minute')
            where webhook = pg_temp.hook('all')), null, 'from now on');

-- What is old is forgotten, but not what is under way.
update service.webhook_attempt set started_at = now() - interval '31 days';
select is(pg_temp.settle('all', 'timed_out'), 'failed', 'the next attempt that ends');
select is((select array_agg(distinct outcome) from service.webhook_attempt), '{under_way}',
          'clears the log');
select is(service.webhook_delete(pg_temp.hook('all')), true, 'deleted');

-- The trace of a write stands with its changes, and nothing else does.
select results_eq(
    $$select c.reference, c.trace from register.change as c
       where c.reference in ('LAW-1', 'LAW-2') order by c.reference$$,
    $$values ('LAW-1', '00-' || repeat('a', 32) || '-' || repeat('b', 16) || '-01'),
             ('LAW-2', null)$$, 'a change has the trace of its write');
select is(service.webhook_delete(pg_temp.hook('all')), false, 'once');

select has_trigger('register', 'change', 'notify_dispatchers', 'what changes wakes those who deliver');
select lives_ok($$select service.notify_dispatchers()$$, 'and so does what is asked for by hand');

select * from finish();
rollback;
