-- People, as the service names them: their author, what belongs to them, and what no name can do.
begin;
select no_plan();

create function pg_temp.person(
    subject text, name text, lasts interval default '1 hour', scopes text[] default '{}')
    returns jsonb
    language sql
as $$
    select jsonb_build_object(
               'issuer', 'https://login.example', 'subject', subject, 'name', name,
               'scopes', scopes, 'expires_at', extract(epoch from clock_timestamp() + lasts)::bigint)
$$;
-- Begins a write; the author, with the number left out, or why there is none.
create function pg_temp.author_of(person jsonb) returns text
    language plpgsql
as $$
declare
    outcome text;
begin
    outcome := (select w.outcome from service.write_begin(null, null, null, null, false, person) as w);
    return case when outcome = 'new' then regexp_replace(service.author(), '#[0-9]+$', '#') else outcome end;
end
$$;
select service.token_create('secretariat', sha256('1'), '{actions:write}', null);

select is(pg_temp.author_of(pg_temp.person('a', 'Anna Müller')), 'Anna Müller #',
          'a person writes under their name, and a number');
select is((select concat_ws(' ', p.issuer, p.subject, n.name)
             from service.person as p join service.person_name as n on n.person = p.number),
          'https://login.example a Anna Müller', 'issuer, subject and name are stored');
select is(service.person_number(pg_temp.person('a', '')), (select number from service.person),
          'the number is that of issuer and subject');
select is(service.person_number(pg_temp.person('unknown', '')), null, 'others have none yet');
select is(service.person_record(pg_temp.person('a', 'Anna Schmidt')),
          service.person_author(service.person_number(pg_temp.person('a', '')), 'Anna Schmidt'),
          'a changed name is recorded, under the same number');
select service.person_record(pg_temp.person('a', 'Anna Schmidt'));
select is((select array_agg(name order by since) from service.person_name),
          '{Anna Müller,Anna Schmidt}', 'once, beside the former name');
select isnt(service.person_record(pg_temp.person('b', 'Anna Schmidt')),
            service.person_record(pg_temp.person('a', 'Anna Schmidt')),
            'two persons of one name are told apart');
select throws_ok($$update service.person set subject = 'other'$$, null, null,
                 'a person does not become another');
select throws_ok($$delete from service.person_name$$, null, null, 'nor is a name forgotten');

-- Names ------------------------------------------------------------------------------------------

select is(service.plain_name(name), shown, format('%L is shown as %L', name, shown))
  from (values ('secretariat', 'secretariat'), (E' two\n lines ', 'two lines'), ('eve #1', 'eve 1'),
               (U&'\202Eabc\200B', 'abc'), (U&'eve \FF031', 'eve 1'),
               (U&'two\0085\2028lines\0007', 'two lines'), (repeat('x', 200), repeat('x', 100)), ('', ''))
    as named (name, shown);
select is(service.author_identity('secretariat'), 'secretariat', 'a token is its name');
select is(service.author_identity('secretariat #7'), '#7', 'a person is a number');
select is(service.person_author(7, ''), '#7', 'with or without a name');
select throws_ok($$select service.token_create('eve #7', sha256('2'), '{a}', null)$$, '23514', null,
                 'no token is named as a person is');

-- What belongs to whom ------------------------------------------------------------------------------

select ok(not service.person_is_valid(pg_temp.person('a', 'A', '-1 s')), 'an access token ends');
select ok(not service.person_is_valid(null), 'none is no access token');
select is_empty($$select * from service.caller(null, pg_temp.person('a', 'A', '-1 s'))$$,
                'after it there is no caller');
select results_eq($$select scopes from service.caller(null, pg_temp.person('z', 'A', '1 h', '{x,y}'))$$,
                  $$values ('{x,y}'::text[])$$, 'a caller has the scopes that the service says');
select is_empty($$select * from service.caller(sha256('unknown'), pg_temp.person('a', 'A'))$$,
                'a token that is not valid is not replaced by a person');
select ok(service.token_owns(null, 'Former Name ' || service.author_identity(
                                 service.person_record(pg_temp.person('a', 'A'))),
                             'webhooks:admin', pg_temp.person('a', 'Anna Schmidt')),
          'what a person made under a former name is theirs');
select ok(not service.token_owns(null, service.person_record(pg_temp.person('a', 'A')),
                                 'webhooks:admin', pg_temp.person('b', 'A')),
          'and nobody else''s of that name');
select ok(not service.token_owns(null, 'secretariat', 'webhooks:admin',
                                 pg_temp.person('c', 'secretariat')),
          'a person named like a token has nothing of it');
select ok(service.token_owns(null, 'secretariat', 'webhooks:admin',
                             pg_temp.person('c', 'C', '1 h', '{webhooks:admin}')),
          'an administrator sees what belongs to others');

set local role ets144_service;
select throws_ok(attempt, '42501', null, attempt || ' is refused')
  from (values ($$select service.person_record('{}')$$), ($$select subject from service.person$$),
               ($$select service.open_write(null, null, null, null)$$),
               ($$select service.caller_author(null, '{}')$$),
               ($$insert into service.person_name values (1, now(), 'x')$$)) as made (attempt);
select is((select outcome from service.write_begin(null, null, null, null, false,
                                                   pg_temp.person('a', 'A', '-1 s'))),
          'unauthenticated', 'who has an expired access token begins no write');
select is((select outcome from service.write_begin(null, null, null, null, false, null)),
          'unauthenticated', 'nor who has none');
reset role;

select * from finish();
rollback;
