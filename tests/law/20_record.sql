-- The real record, as the world knows it.
begin;
select no_plan();

create function pg_temp.counted(on_day date)
    returns table (members bigint, parties bigint, signatories bigint, contracting bigint)
    language sql
as $$
    select count(*) filter (where s.member), count(*) filter (where s.status = 'party'),
           count(*) filter (where s.status = 'signatory'),
           count(*) filter (where s.status = 'contracting_state')
      from register.status_at(on_day, 'infinity') as s
$$;

select results_eq($$select * from pg_temp.counted('2026-11-24')$$,
                  $$values (46::bigint, 9::bigint, 4::bigint, 0::bigint)$$,
                  'on 24 November 2026, of 46 members 9 are Parties and 4 signatories');
select results_eq($$select * from pg_temp.counted('1992-02-05')$$,
                  $$values (26::bigint, 0::bigint, 6::bigint, 0::bigint)$$,
                  'on 5 February 1992, of 26 members 6 had signed');
select ok('CSK' in (select state from register.members_at('1992-02-05', 'infinity')),
          'Czechoslovakia was among them');
select results_eq($$select state, member_since, member_until
                      from register.periods_on('2024-01-01', 'infinity')
                     where state in ('CSK', 'ITA', 'RUS', 'TUR') order by state$$,
    $$values ('CSK', date '1991-02-21', date '1993-01-01'), ('ITA', '1949-05-05', null),
             ('RUS', '1996-02-28', '2022-03-16'), ('TUR', '1950-04-13', null)$$,
    'a State says since when it is a member, or until when it was');
select is((select name_en from register.named_state
            where code = 'TUR' and valid @> day and upper_inf(recorded)), name,
          name || ' was the name on ' || day)
  from (values (date '2011-03-24', 'Turkey'), ('2022-05-31', 'Turkey'), ('2022-06-01', 'Türkiye'))
       as said (day, name);
select results_eq($$select * from pg_temp.counted('2011-03-24')$$,
                  $$values (47::bigint, 8::bigint, 5::bigint, 0::bigint)$$,
                  'on 24 March 2011, of 47 members 8 were Parties and 5 signatories');
select results_eq($$select parties, contracting from pg_temp.counted('1997-04-30')$$,
                  $$values (0::bigint, 4::bigint)$$,
                  'on 30 April 1997 four States had consented and none was a Party');
select results_eq($$select parties, contracting from pg_temp.counted('1997-05-01')$$,
                  $$values (4::bigint, 0::bigint)$$,
                  'on 1 May 1997 four States were Parties');

select results_eq(
    $$select state, chapters from register.status_at('2026-11-24', 'infinity')
       where status = 'party' and chapters <> '{A,B,C}' order by state$$,
    $$values ('ALB', '{A,B}'::text[]), ('CZE', '{A}'), ('ITA', '{A,B}')$$,
    'Albania and Italy are bound by A and B, the Czech Republic by A alone');

select results_eq($$select in_force_on, reference, consents
                      from register.entry_into_force('2026-11-24', 'infinity')$$,
                  $$values (date '1997-05-01', 'NLD-2', 9::bigint)$$,
                  'the Netherlands gave the fourth consent');
select is((select in_force_on from register.entry_into_force('1997-01-27', 'infinity')), null,
          'the day before, the entry into force was not certain');

select is(count(*), 48::bigint, 'status_at has a row for every State')
  from register.status_at('1900-01-01', 'infinity');
select is(count(*) filter (where status <> 'no_action'), 0::bigint,
          'before the Convention nobody had done anything')
  from register.status_at('1992-02-04', 'infinity');

select is((select member from register.status_at('2022-03-15', 'infinity') where state = 'RUS'), true,
          'Russia was a member until 16 March 2022');
select is((select member from register.status_at('2022-03-16', 'infinity') where state = 'RUS'),
          false, 'and not on that day');
select is((select member from register.status_at('1970-01-01', 'infinity') where state = 'GRC'),
          false, 'Greece had withdrawn in 1969');

select is_empty($$select * from register.breaches_in_words()$$, 'the real record breaks no rule');

select results_eq(
    $$select reference from register.effects_at('infinity', 'infinity')
       where published_effective_date <> computed_effective_date$$,
    $$values ('FIN-3')$$, 'only FIN-3 is published with another date than the rule gives');
select is((select effective_on from register.effects_at('infinity', 'infinity')
            where reference = 'FIN-3'), date '2001-05-01',
          'and no date before the State is bound can decide');

select is((select status from register.status_at('1999-01-01', 'infinity') where state = 'ALB'),
          'no_action', 'a signature of an unknown day counts from its last possible day');
select is((select status from register.status_at('2005-07-19', 'infinity') where state = 'ALB'),
          'contracting_state', 'which for Albania is the day it ratified');

select is(register.state_code_of(code), state, code || ' is ' || coalesce(state, 'no State'))
  from (values ('ITA', 'ITA'), ('IT', 'ITA'), ('it', 'ITA'), ('XX', null)) as known (code, state);

select is(register.json_list(list)::text, json, coalesce(json, 'no list') || ' is a list as JSON')
  from (values ('{}'::text[], '[]'), ('{A,"B\""}', '["A","B\""]'), (null, null)) as known (list, json);

select * from finish();
rollback;
