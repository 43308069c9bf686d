-- What a change brings about, why a State stands where it does, and how many stand where.
begin;
set local timezone = 'UTC';
select no_plan();

-- Consequences ----------------------------------------------------------------------------------

create temporary table mark as select 'start' as name, r.number, r.at from register.revision as r;
create function pg_temp.record(state text, kind text, day text, more jsonb default '{}')
    returns void
    language plpgsql
as $$
begin
    update register.revision set opened_in = null;
    perform register.operation_apply('record', 'action', null,
        jsonb_build_object('state', state, 'kind', kind, 'date', day,
                           'verification', 'single_source',
                           'sources', array['https://source.example']) || more, 'tests');
end
$$;
create function pg_temp.mark(name text) returns void
    language sql
as $$
    insert into mark select name, r.number, r.at from register.revision as r
$$;

select pg_temp.record('GBR', 'ratification', '2026-10-05');
select pg_temp.mark('ratified');
select results_eq(
    $$select c.state, c.status_before, c.status_after, c.in_force_on_before, c.in_force_on_after,
             c.projected_before, c.projected_after
        from mark as b, mark as a,
             lateral register.status_changes('2026-11-24', b.at, a.at) as c
       where b.name = 'start' and a.name = 'ratified'$$,
    $$values ('GBR', 'signatory', 'contracting_state', null::date, date '2027-02-01', 'signatory',
              'party')$$, 'a ratification makes a Contracting State, and a Party in three months');
select results_eq(
    $$select c.reference, c.effective_on_before, c.effective_on_after, c.rule, c.article
        from mark as b, mark as a, lateral register.effective_date_changes(b.at, a.at) as c
       where b.name = 'start' and a.name = 'ratified'$$,
    $$values ('GBR-2', null::date, date '2027-02-01', 'three_months', '12(2)')$$,
    'by the three-month rule of Article 12(2)');
select pg_temp.record('GBR', 'chapter_exclusion', '2026-10-05',
                      '{"chapters": ["C"], "published_effective_date": "2027-01-01"}');
select pg_temp.mark('excluded');
select results_eq(
    $$select c.change, c.code, c.reference
        from mark as b, mark as a,
             lateral register.anomaly_changes('2026-11-24', b.at, a.at) as c
       where b.name = 'ratified' and a.name = 'excluded'
       order by c.code$$,
    $$values ('appears', 'effective_before_bound', 'GBR-3'),
             ('appears', 'effective_date_differs', 'GBR-3'),
             ('appears', 'text_missing', 'GBR-3')$$, 'a misprint is an anomaly that appears');
select is(c.count, 3::bigint, 'and goes, looked at the other way')
  from mark as b, mark as a,
       lateral (select count(*) from register.anomaly_changes('2026-11-24', a.at, b.at) as x
                 where x.change = 'goes') as c
 where b.name = 'ratified' and a.name = 'excluded';
select is_empty(
    $$select c.state from mark as a, lateral register.status_changes('2026-11-24', a.at, a.at) as c$$,
    'where nothing changed there is no consequence');

-- Why -------------------------------------------------------------------------------------------

create temporary table day as select date '2026-11-24' as today, timestamptz 'infinity' as now;
select is(register.status_in_words(state, today, now, 'en'), en, state || ' in English')
  from day, (values
    ('ALB', 'Albania has been a Party since 1 November 2005; Chapter C (voting rights) does not bind it.'),
    ('CZE', 'The Czech Republic has been a Party since 1 November 2015; Chapters B (consultative bodies) and C (voting rights) do not bind it.'),
    ('FRA', 'France has neither signed nor consented to be bound by the Convention.'),
    ('SVN', 'Slovenia signed the Convention on 23 November 2006 and has not consented to be bound by it.'),
    ('GBR', 'The United Kingdom consented to be bound on 5 October 2026; the Convention enters into force for it on 1 February 2027.')
  ) as said (state, en);
select is(register.status_in_words(state, today, now, 'fr'), fr, state || ' in French')
  from day, (values
    ('ALB', 'L’Albanie est Partie depuis le 1er novembre 2005 ; le chapitre C (droit de vote) ne s’applique pas.'),
    ('NLD', 'Les Pays-Bas sont Partie depuis le 1er mai 1997 ; tous les chapitres s’appliquent.'),
    ('FRA', 'La France n’a ni signé la Convention ni consenti à être liée par elle.'),
    ('GBR', 'Le Royaume-Uni a consenti à être lié le 5 octobre 2026 ; la Convention entre en vigueur à son égard le 1er février 2027.')
  ) as said (state, fr);
select is(register.status_in_words('ITA', '1995-01-01', 'infinity', 'en'),
          'Italy consented to be bound on 26 May 1994; the Convention is not in force yet.',
          'before the fourth consent');
select pg_temp.record('SWE', 'denunciation', '2020-01-15');
select matches(register.status_in_words('SWE', '2020-03-01', 'infinity', 'en'),
               'denunciation takes effect on 1 August 2020', 'a Party that has denounced');
select is(register.status_in_words('SWE', '2020-09-01', 'infinity', 'en'),
          'Sweden was a Party from 1 May 1997 until its denunciation took effect on 1 August 2020.',
          'a former Party');
select results_eq(
    $$select step, day from register.effective_date_steps('SWE', '2026-11-24', 'infinity', 'en')
       where reference = (select 'SWE-' || max(number) from register.action where state = 'SWE')$$,
    $$values (1::bigint, date '2020-01-15'), (2, '2020-07-15'), (3, '2020-08-01')$$,
    'six months from receipt, then the first of the month after');
select pg_temp.record('SWE', 'communication', '2020-09-01');
select is((select status from register.status_at('2020-10-01', 'infinity') where state = 'SWE'),
          'former_party', 'a former Party that communicates something is one still');
select results_eq(
    $$select step, day from register.effective_date_steps('ITA', '2026-11-24', 'infinity', 'fr')
       where reference = 'ITA-2'$$,
    $$values (1::bigint, date '1994-05-26'), (2, '1994-08-26'), (3, '1994-09-01'),
             (4, '1997-05-01'), (5, '1997-05-01')$$, 'an early State waited for the Convention');
select is_empty(
    $$select s.code, step.explanation
        from register.state as s,
             lateral register.effective_date_steps(s.code, '2026-11-24', 'infinity', 'fr') as step
       where step.explanation ~* '\m(the|of|and|is|are|on|by)\M'$$,
    'no English is left in a French step');
select is_empty($$select code from register.phrase where en = fr$$, 'every phrase is in both languages');

-- How many ---------------------------------------------------------------------------------------

select results_eq(
    $$select status, states, members from register.status_counts('2013-01-01', 'infinity')$$,
    $$values ('no_action', 34::bigint, 34::bigint), ('signatory', 5, 5),
             ('contracting_state', 0, 0), ('party', 8, 8), ('party_denouncing', 0, 0),
             ('former_party', 0, 0)$$, 'eight Parties among forty-seven members in 2013');
select results_eq(
    $$select chapter, parties, left_out from register.chapter_counts('2019-11-24', 'infinity')$$,
    $$values ('A', 9::bigint, 0::bigint), ('B', 8, 1), ('C', 6, 3)$$,
    'Chapter C binds six of the nine Parties');
select results_eq(
    $$select state, since, confirmed from register.signatories_waiting_at('2019-11-24', 'infinity')
       order by since$$,
    $$values ('GBR', date '1992-02-05', true), ('CYP', '1996-11-15', false),
             ('SVN', '2006-11-23', true), ('LTU', '2008-02-12', false)$$,
    'four States signed and wait');
select results_eq(
    $$select count(*), count(days), max(days)
        from register.signature_to_consent_at('2019-11-24', 'infinity')$$,
    $$values (9::bigint, 1::bigint, 5518)$$,
    'of nine durations eight rest on a day that is not confirmed');

select is_empty(
    $$select day.at
        from generate_series(timestamp '1990-01-01', '2026-11-24', '37 days') as day (at),
             lateral (select max(lower(p.valid)) as last from register.periods_at('infinity') as p
                       where lower(p.valid) <= day.at::date) as change
       where (select json_agg(s order by s.state)::text
                from register.status_at(day.at::date, 'infinity') as s)
             <> (select json_agg(s order by s.state)::text
                   from register.status_at(change.last, 'infinity') as s)
         and exists (select from register.status_at(day.at::date, 'infinity') as now
                       join register.status_at(change.last, 'infinity') as last
                         on last.state = now.state
                      where (now.status, now.member, now.chapters)
                            <> (last.status, last.member, last.chapters))$$,
    'between two days of change nobody comes to stand otherwise');

-- A series counts stretches of days, in which other changes of a State's row do not show.
select is((select day from register.last_change_day('infinity')),
          (select max(lower(p.valid)) from register.periods_at('infinity') as p),
          'the last day of change');
select is_empty(
    $$select run.state, day.at
        from register.status_runs_at('infinity') as run
       cross join lateral (values (coalesce(run.from_day, run.until_day - 1)),
                                  (coalesce(run.until_day - 1, run.from_day))) as day (at)
        join lateral register.status_at(day.at, 'infinity') as status on status.state = run.state
       where (status.member, status.status, status.chapters)
             is distinct from (run.member, run.status, run.chapters)$$,
    'on the first and the last day of a stretch the State is as it says');
select is_empty(
    $$select run.state
        from register.status_runs_at('infinity') as run
        join register.status_runs_at('infinity') as next
          on next.state = run.state and next.from_day = run.until_day
       where (next.member, next.status, next.chapters) = (run.member, run.status, run.chapters)$$,
    'and in the next stretch it is not');
select cmp_ok((select count(*) from register.status_runs_at('infinity')), '<',
              (select count(*) from register.periods_at('infinity')),
              'some periods begin no stretch');

select * from finish();
rollback;
