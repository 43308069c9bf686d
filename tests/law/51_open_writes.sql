-- History is written under the revision, the time and the author that tables say; nothing that the
-- service's role can set or pass decides about them.
begin;
select no_plan();

create function pg_temp.signature(state text) returns jsonb
    language sql
as $$
    select jsonb_build_object('state', state, 'kind', 'signature', 'date', '2020-01-01',
                              'verification', 'single_source',
                              'sources', array['https://a.example'])
$$;
select service.token_create('writer', sha256('1'), '{actions:write}', null);
select service.token_create('other', sha256('2'), '{actions:write}', null);
create temporary table before as select r.number, r.at from register.revision as r;
grant select on before to ets144_service;

set local role ets144_service;

-- The settings that once decided, and those that change how a time is written and read.
select set_config(lie.name, lie.value, true)
  from (values ('register.revision',
                (select number from before)::text || ' ' || pg_current_xact_id()),
               ('register.at', '1999-01-01'), ('register.author', 'nobody'),
               ('register.trace', 'nonsense'), ('timezone', 'Asia/Kolkata'),
               ('datestyle', 'SQL, DMY'), ('lock_timeout', '1ms')) as lie (name, value);

-- Without an open write ---------------------------------------------------------------------------

select throws_ok(attempt, '42501', null, attempt || ' is refused')
  from (values
        ($$select service.operation_apply('record', 'action', null, pg_temp.signature('PRT'))$$),
        ($$select service.operation_apply('correct', 'action', 'ITA-1', '{"reason": "x"}')$$),
        ($$select service.operation_apply('void', 'action', 'ITA-1', '{"reason": "x"}')$$),
        ($$select service.operation_apply('void', 'call', 'PACE-1999', '{"reason": "x"}')$$),
        ($$select service.operation_apply('record', 'outlook', null, '{}')$$),
        ($$select service.changeset_record('{"reason": "x", "operations": []}')$$),
        ($$select service.changeset_revert('none', '{"reason": "x"}')$$),
        ($$select service.import_record('[]', sha256('x'))$$),
        ($$select register.operation_apply('record', 'action', null, pg_temp.signature('PRT'), 'load')$$),
        ($$select register.operation_apply('correct', 'action', 'ITA-1', '{"reason": "x"}', 'load')$$),
        ($$select register.operation_apply('void', 'action', 'ITA-1', '{"reason": "x"}', 'load')$$),
        ($$select register.operation_apply('void', 'call', 'PACE-1999', '{"reason": "x"}', 'load')$$),
        ($$select register.operation_apply('record', 'outlook', null, '{}', 'load')$$),
        ($$select register.changeset_record('{"reason": "x", "operations": []}', 'load')$$),
        ($$select register.changeset_revert('none', '{"reason": "x"}', 'load')$$),
        ($$select register.import_record('[]', sha256('x'), 'load')$$),
        ($$select register.begin_revision('load', null)$$),
        ($$select register.open_revision('load', null)$$),
        ($$select register.notify_listeners('ets144_revision')$$),
        ($$select register.close_write()$$),
        ($$insert into register.open_write (author) values ('load')$$),
        ($$update register.open_write set author = 'load'$$),
        ($$update register.revision set opened_in = pg_current_xact_id()$$),
        ($$update register.revision_log set author = 'load'$$),
        ($$insert into register.revision_log values (0, now(), 'load')$$),
        ($$update register.action_version set revision = 0$$),
        ($$insert into register.action values ('PRT-1', 'PRT', 1)$$),
        ($$delete from register.change$$),
        ($$insert into service.request_key (author, key) values ('other', 'k')$$),
        ($$lock table register.write_queue in share update exclusive mode$$),
        ($$lock table register.revision in exclusive mode$$),
        ($$select number from register.revision for update$$)) as made (attempt);

select is((select outcome from service.write_begin(sha256('3'), null, null, null, false)),
          'unauthenticated', 'who has no token begins no write');
select throws_ok($$select service.operation_apply('record', 'action', null, pg_temp.signature('PRT'))$$, '42501', null,
                 'and writes nothing');
select lives_ok($$select service.request_store_result('PRT-1')$$,
                'a result without an open write is stored for nobody');

-- With an open write ------------------------------------------------------------------------------

select is((select outcome from service.write_begin(sha256('1'), 'k', sha256('x'), null, false)),
          'new', 'a token begins a write');
select results_eq(
    $$select w.revision
        from service.operation_apply('record', 'action', null, pg_temp.signature('PRT')) as w$$,
    $$select number + 1 from before$$, 'which has a revision of its own');
select results_eq(
    $$select concat_ws(' ', v.author, log.author), lower(v.recorded) = log.at, log.at > before.at
        from register.action_version as v
        join register.revision_log as log on log.revision = v.revision
       cross join before
       where v.reference = 'PRT-1'$$,
    $$values ('writer writer', true, true)$$, 'the author of the token, and a time of its own');
select is((select array_agg(distinct concat(c.author, c.trace)) from register.change as c
            where c.reference = 'PRT-1'), '{writer}', 'as the feed says');
select throws_ok($$select service.write_begin(sha256('2'), null, null, null, false)$$, '23505', null,
                 'a transaction has one author');
select service.request_store_result('PRT-1');

-- The end of the transaction closes the write; the role can only bring that forward.
set constraints all immediate;
select throws_ok($$select service.operation_apply('record', 'action', null, pg_temp.signature('PRT'))$$, '42501', null,
                 'a closed write writes nothing');
set constraints all deferred;
select is((select outcome from service.write_begin(sha256('2'), 'k', sha256('x'), null, false)),
          'new', 'the key of an author is not the key of others');
select results_eq(
    $$select w.revision from service.operation_apply('record', 'action', null, pg_temp.signature('FRA')) as w$$,
    $$select number + 2 from before$$, 'nobody writes under the revision of another author');
select lives_ok($$select service.operation_apply('correct', 'action', 'FRA-1', pg_temp.signature('FRA')
                                                  || '{"date": "2020-02-03", "reason": "x"}')$$,
                'a version after a version');
select lives_ok($$select service.operation_apply('record', 'outlook', null, '{"state": "PRT", "stage": "no_plan",
    "date": "2020-02-03", "visibility": "internal"}')$$, 'and an internal one');

reset role;
select is((select concat_ws(' ', author, reference, revision_before - number)
             from service.request_key cross join before where key = 'k'), 'writer PRT-1 0',
          'a key is stored for the author of the token');
select is_empty('select * from register.audit()', 'and the history is sound');
set local timezone = 'UTC';
set local datestyle = 'ISO';

-- A restored backup: its revision names a transaction that is only now reached.
update register.revision set opened_in = pg_current_xact_id(), at = now() - interval '1 day';
select isnt(register.begin_revision('other', null), (select max(revision) - 1
                                                       from register.revision_log),
            'an old revision is nobody''s');

-- The kind ----------------------------------------------------------------------------------------

select is_empty(
    $$select p.oid::regprocedure
        from pg_proc as p
       where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
         and p.prokind in ('f', 'p')
         and pg_get_functiondef(p.oid) ~ 'current_setting|advisory'$$,
    'no function reads a setting, or waits for a lock that anyone may take');
select results_eq(
    $$select p.oid::regprocedure
        from pg_proc as p
       where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
         and p.prokind in ('f', 'p') and pg_get_functiondef(p.oid) ~ 'set_config'$$,
    $$values ('service.schema_use(text)'::regprocedure)$$, 'the only setting that is made is the name of a session');
select is_empty(
    $$select d.adrelid::regclass
        from pg_attrdef as d
        join pg_class as c on c.oid = d.adrelid
       where c.relnamespace in ('register'::regnamespace, 'service'::regnamespace)
         and pg_get_expr(d.adbin, d.adrelid) ~ 'current_setting'$$,
    'and no column is filled from a setting');
select is_empty(
    $$select p.oid::regprocedure
        from pg_proc as p
       where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
         and has_function_privilege('ets144_service', p.oid, 'execute')
         and p.prosecdef and 'author' = any (p.proargnames[1 : p.pronargs])$$,
    'no function takes an author from the service');

select * from finish();
rollback;
