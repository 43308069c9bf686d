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

-- Suites work on copies of this database, and copies do not have its privileges.
select is((select array_agg(distinct coalesce(role.rolname, 'public')::text)
             from pg_database as database
            cross join lateral aclexplode(database.datacl) as privilege
             left join pg_roles as role on role.oid = privilege.grantee
            where database.datname = 'ets144' and privilege.grantee <> database.datdba
              and privilege.privilege_type in ('CONNECT', 'TEMPORARY')),
          '{ets144_admin,ets144_owner,ets144_service}', 'only the register''s roles connect');

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
select throws_ok($$select service.token_rotate('x', sha256('x'))$$, '42501', null,
                 'nor replace them');
select throws_ok($$select register.actions_enter('[]', 'x', 'x')$$, '42501', null,
                 'nor enter an action past the law');
select throws_ok($$insert into register.action values ('PRT-1', 'PRT', 1)$$, '42501', null,
                 'nor by the table');
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
select is(service.token_rotate('one', sha256('1a')), 'rotated', 'it is replaced under its name');
select is_empty($$select * from service.token_by_digest(sha256('1'))$$, 'and ends');
select results_eq($$select name, scopes from service.token_by_digest(sha256('1a'))$$,
                  $$values ('one', '{a,b}'::text[])$$, 'the new one has its scopes');
select is(service.token_rotate('none', sha256('x')), 'unknown', 'an unknown one is not');
select is(service.token_rotate('one', sha256('1'), '1 h'), 'rotated', 'replaced once more');
select results_eq($$select name, expires_at = previous_until from service.token_by_digest(sha256('1a'))
                     cross join (select t.previous_until from service.access_token as t
                                  where t.name = 'one') as held$$,
                  $$values ('one', true)$$, 'the token before is valid for the time of grace');
select is(service.token_rotate('one', sha256('1b'), '1 h'), 'rotated', 'and again meanwhile');
select is((select array_agg(d) from unnest('{1a,1,1b}'::text[]) as d
            where exists (select from service.token_by_digest(sha256(d::bytea)))), '{1a,1b}',
          'the one that clients have goes on, with the newest');
select is(service.token_rotate('one', sha256('1'), '0'), 'rotated', 'without grace');
select is((select array_agg(d) from unnest('{1a,1,1b}'::text[]) as d
            where exists (select from service.token_by_digest(sha256(d::bytea)))), '{1}',
          'the others end');
select is(service.token_rotate('old', sha256('2a')), 'ended', 'an ended token stays so');
select is(service.token_rotate('old', sha256('2a'), '1 h', now() + interval '1 day'), 'rotated',
          'but with a new end its name is taken up again');
select is((select array_agg(d) from unnest('{2,2a}'::text[]) as d
            where exists (select from service.token_by_digest(sha256(d::bytea)))), '{2a}',
          'by the new token only');
select is(service.token_revoke('one'), true, 'revoked once');
select is(service.token_revoke('one'), false, 'not twice');
select is_empty($$select * from service.token_by_digest(sha256('1'))$$, 'nor is a revoked one found');
select is((select count(*) from service.token_list()), 2::bigint, 'both are listed');
select throws_ok($$select service.token_create('one', sha256('3'), '{a}', null)$$, '23505', null,
                 'a name is never given twice');

-- As a transaction of its own claims a key.
create function pg_temp.claimed(token text, body text) returns text
    language sql
as $$
    delete from register.open_write;
    select concat_ws(' ', claim.outcome, claim.reference)
      from service.request_begin(sha256(token::bytea), 'k', sha256(body::bytea), null) as claim;
$$;
select service.token_create('a', sha256('a'), '{a}', null), service.token_create('b', sha256('b'), '{a}', null);
select is(pg_temp.claimed('a', 'x'), 'new', 'a new key');
select lives_ok($$select service.request_store_result('PRT-1')$$, 'is settled');
select is(pg_temp.claimed('a', 'x'), 'replay PRT-1', 'and answered again');
select is(pg_temp.claimed('a', 'y'), 'mismatch PRT-1', 'with another body it is not');
select is(pg_temp.claimed('b', 'y'), 'new', 'another caller''s key is another key');
select is(pg_temp.claimed('1', 'x'), 'unauthenticated', 'a revoked token claims none');
update service.request_key set claimed_at = now() - interval '25 hours';
select is(pg_temp.claimed('a', 'y'), 'new', 'after a day a key is forgotten');
select is(service.schema_version(),
          (select change from sqitch.changes order by committed_at desc limit 1),
          'the schema''s version is its last change');

select * from finish();
rollback;
