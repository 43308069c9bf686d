-- The service's role owns nothing and can only do what it needs.
begin;
select no_plan();

select is((select count(*) from pg_class where relowner = 'ets144_service'::regrole)
          + (select count(*) from pg_proc where proowner = 'ets144_service'::regrole), 0::bigint,
          'ets144_service owns nothing');
select is(pg_has_role('ets144_service', 'ets144_owner', 'member'), false,
          'nor may it become the owner');
select is(pg_has_role('ets144_admin', 'ets144_owner', 'usage'), false,
          'the administrator is not the owner either');
select ok(not has_table_privilege('ets144_admin', 'register.action_version',
                                  'insert, update, delete')
          and not has_function_privilege('ets144_admin', 'register.write_lock()', 'execute')
          and not has_table_privilege('ets144_admin', 'service.access_token',
                                      'select, insert, update, delete'),
          'and writes by way of functions only, too');
select is_empty(
    $$select format('%I.%I', n.nspname, c.relname)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('register', 'service') and c.relkind = 'r'
         and has_table_privilege('ets144_service', c.oid,
                                 'insert, update, delete, truncate, references, trigger')$$,
    'it writes to no table itself');
select is_empty(
    $$select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('register', 'service')
         and has_function_privilege('public', p.oid, 'execute')$$,
    'nobody runs a function without being granted it');
select is_empty(
    $$select proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('register', 'service') and prosecdef
         and not coalesce(array_to_string(proconfig, ',') like '%search_path=%', false)$$,
    'a function that runs as its owner has a fixed search path');

set local role ets144_service;
select throws_ok('select digest from service.access_token', '42501', null,
                 'it cannot read the digests of tokens');
select throws_ok('select secret from service.webhook', '42501', null,
                 'nor the secrets of webhooks');
select throws_ok('select delivery from service.webhook_attempt', '42501', null,
                 'nor, past its functions, what became of deliveries');
select throws_ok('select service.notify_dispatchers()', '42501', null, 'nor wake anyone');
select throws_ok($$select service.token_create('x', sha256('x'), '{a}', null)$$, '42501', null,
                 'nor hand out tokens');
select throws_ok($$select register.actions_enter('[]', 'x', 'x')$$, '42501', null,
                 'nor enter an action past the law');
select throws_ok($$insert into register.action values ('PRT-1', 'PRT', 1)$$, '42501', null,
                 'nor by the table');
select lives_ok($$select register.action_record('{"state": "PRT", "kind": "signature",
    "date": "2020-01-01", "verification": "single_source", "sources": ["https://a.example"]}',
    'tests')$$, 'it records by the function that is granted');
select is_empty($$select * from service.token_by_digest(sha256('unknown'))$$,
                'and finds a token only by its digest');
reset role;

-- Tokens and keys ------------------------------------------------------------------------------

select lives_ok($$select service.token_create('one', sha256('1'), '{a,b}', null)$$, 'a token');
select lives_ok($$select service.token_create('old', sha256('2'), '{a}', now() - interval '1 s')$$,
                'an expired one');
select results_eq($$select name, scopes from service.token_by_digest(sha256('1'))$$,
                  $$values ('one', '{a,b}'::text[])$$, 'a live token is found');
select is_empty($$select * from service.token_by_digest(sha256('2'))$$, 'an expired one is not');
select is(service.token_revoke('one'), true, 'revoked once');
select is(service.token_revoke('one'), false, 'not twice');
select is_empty($$select * from service.token_by_digest(sha256('1'))$$, 'nor is a revoked one found');
select is((select count(*) from service.token_list()), 2::bigint, 'both are listed');
select throws_ok($$select service.token_create('one', sha256('3'), '{a}', null)$$, '23505', null,
                 'a name is never given twice');

select is((select outcome from service.request_claim('a', 'k', sha256('x'))), 'new', 'a new key');
select lives_ok($$select service.request_store_result('a', 'k', sha256('x'), 'PRT-1', 0, 1)$$, 'is settled');
select results_eq($$select outcome, reference from service.request_claim('a', 'k', sha256('x'))$$,
                  $$values ('replay', 'PRT-1')$$, 'and answered again');
select is((select outcome from service.request_claim('a', 'k', sha256('y'))), 'mismatch',
          'with another body it is not');
select is((select outcome from service.request_claim('b', 'k', sha256('y'))), 'new',
          'another caller''s key is another key');
update service.request_key set claimed_at = now() - interval '25 hours';
select is((select outcome from service.request_claim('a', 'k', sha256('y'))), 'new',
          'after a day a key is forgotten');
select is(service.schema_version(),
          (select change from sqitch.changes order by committed_at desc limit 1),
          'the schema''s version is its last change');

select * from finish();
rollback;
