-- The chart of signatures and ratifications: which action sets which letter, what ends it, and that
-- no day is shown as sure that is not.
begin;
select no_plan();

create function pg_temp.act(state text, kind text, day text, more jsonb default '{}') returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'action', null,
               jsonb_build_object('state', state, 'kind', kind, 'date', day,
                                  'verification', 'single_source',
                                  'sources', array['https://source.example']) || more, 'tests')
$$;

create function pg_temp.letters(of_state text, on_day date default '2026-11-24') returns text
    language sql
as $$
    select string_agg(listed.letter, '' order by listed.letter)
      from register.chart_letters_at(on_day, 'infinity') as listed
     where listed.state = of_state
$$;

create function pg_temp.note(of_state text, lang text default 'en', on_day date default '2026-11-24')
    returns text
    language sql
as $$
    select chart.note
      from register.chart_at(on_day, 'infinity', lang) as chart
     where chart.state = of_state
$$;

-- Letters ---------------------------------------------------------------------------------------

select is(register.chart_letter(kind, articles), letter, format('%s under %s', kind, articles))
  from (values
    ('signature', '{}'::text[], null), ('ratification', '{}', null), ('accession', '{}', null),
    ('chapter_exclusion', '{1(1)}', 'R'), ('vote_only', '{6(2)}', 'R'),
    ('chapter_acceptance', '{1(2)}', null), ('authority_declaration', '{15}', 'A'),
    ('territorial_declaration', '{16}', 'T'), ('territorial_extension', '{}', 'T'),
    ('territorial_withdrawal', '{}', 'T'), ('declaration', '{}', 'D'),
    ('declaration', '{6(1)}', 'D'), ('declaration', '{15}', 'A'), ('declaration', '{"15(1)"}', 'A'),
    ('declaration', '{16(1)}', 'T'), ('declaration', '{150}', 'D'), ('derogation', '{9(4)}', 'D'),
    ('derogation_end', '{}', null), ('denunciation', '{18}', 'D'), ('communication', '{}', 'C'),
    ('declaration_withdrawal', '{}', null)
  ) as listed (kind, articles, letter);
select is_empty(
    $$select kind.code from register.kind
       where register.chart_letter(kind.code, '{}') is null
         and kind.category not in ('signature', 'consent')
         and kind.code not in ('chapter_acceptance', 'derogation_end', 'declaration_withdrawal')$$,
    'every kind has a letter, but for those that have a column and those that end something');

select results_eq(
    $$select state, array_agg(letter order by letter)
        from register.chart_letters_at('2026-11-24', 'infinity')
       group by state order by state$$,
    $$values ('ALB', '{R}'::text[]), ('CZE', '{R}'), ('DNK', '{A,T}'), ('FIN', '{A}'),
             ('ITA', '{R}'), ('NLD', '{A,D,T}'), ('NOR', '{D}')$$, 'the letters of the record');
select is(pg_temp.letters('DNK', '2000-04-05'), null, 'no letter before its day');
select is(pg_temp.letters('DNK', '2000-04-06'), 'AT', 'letters from the day of the deposit');

select pg_temp.act('CZE', 'chapter_acceptance', '2020-01-10', '{"chapters": ["B"]}');
select is(pg_temp.letters('CZE'), 'R', 'one of two chapters accepted: something is still left out');
select pg_temp.act('CZE', 'chapter_acceptance', '2020-02-10', '{"chapters": ["C"]}');
select is(pg_temp.letters('CZE', '2020-05-31'), 'R', 'not yet effective: still left out');
select is(pg_temp.letters('CZE', '2020-06-01'), null, 'nothing is left out any more');
select is(pg_temp.note('CZE'), null, 'and nothing is to be noted');

select pg_temp.act('NOR', 'derogation', '2020-01-01');
select pg_temp.act('ISL', 'derogation', '2020-01-01');
select is(pg_temp.letters('ISL', '2020-03-01'), 'D', 'a derogation that is running');
select pg_temp.act('ISL', 'derogation_end', '2020-06-01');
select is(pg_temp.letters('ISL'), null, 'a derogation that has ended');
select pg_temp.act('FIN', 'declaration_withdrawal', '2021-01-01', '{"refers_to": "FIN-3"}');
select is(pg_temp.letters('FIN', '2020-12-31'), 'A', 'a declaration stands');
select is(pg_temp.letters('FIN'), null, 'a declaration that was withdrawn');
select pg_temp.act('SWE', 'communication', '2021-01-01');
select is(pg_temp.letters('SWE'), 'C', 'a communication');
select pg_temp.act('FRA', 'communication', '2021-01-01');
select is(pg_temp.letters('FRA'), 'C', 'of a State that has neither signed nor consented, too');

-- Rows ------------------------------------------------------------------------------------------

select is((select count(*) from register.chart_at('2026-11-24', 'infinity', 'en')), 46::bigint,
          'a row for every member State');
select is((select count(*) from register.chart_at('2011-03-24', 'infinity', 'en')), 47::bigint,
          'when Russia was one, a row for Russia');
select pg_temp.act('RUS', 'communication', '2023-01-01');
select is((select member from register.chart_at('2026-11-24', 'infinity', 'en')
            where state = 'RUS'), false, 'a row for another State that has acted');
select is_empty($$select state from register.chart_at('2022-12-31', 'infinity', 'en')
                   where state = 'RUS'$$, 'and none before it acted');

-- Notes -----------------------------------------------------------------------------------------

select is(register.chart_unconfirmed('Signature', date, not_before, not_after, verification, lang),
          note, format('%s %s %s %s', date, not_before, not_after, lang))
  from (values
    (date '2000-01-01', null::date, null::date, 'confirmed', 'en', null),
    ('2000-01-01', null, null, 'single_source', 'en', null),
    ('2000-01-01', null, null, 'unconfirmed', 'en',
     'Signature: the day is not confirmed; the best known one is 1 January 2000.'),
    (null, '1999-01-01', '2000-01-02', 'unconfirmed', 'en',
     'Signature: the day is not confirmed (from 1 January 1999 to 2 January 2000).'),
    (null, '1999-01-01', null, 'unconfirmed', 'en',
     'Signature: the day is not confirmed (not before 1 January 1999).'),
    (null, null, '2000-01-02', 'unconfirmed', 'fr',
     'Signature : le jour n’est pas confirmé (au plus tard le 2 janvier 2000).')
  ) as known (date, not_before, not_after, verification, lang, note);
select is(pg_temp.note('SVN'), null, 'a confirmed signature needs no note');
select is(pg_temp.note('ITA'),
          'Signature: the day is not confirmed (from 5 February 1992 to 26 May 1994); the best known '
          'one is 5 February 1992. Chapter C (voting rights) does not bind it.', 'Italy');
select is(pg_temp.note('NLD', 'fr'),
          'Signature : le jour n’est pas confirmé (du 5 février 1992 au 28 janvier 1997) ; le '
          'meilleur connu est le 5 février 1992. Acceptation.', 'the Netherlands, in French');
select matches(pg_temp.note('NOR'), 'Ratification: the day is not confirmed', 'Norway');
select pg_temp.act('ISL', 'denunciation', '2026-01-15');
select matches(pg_temp.note('ISL', 'en', '2026-07-31'),
               'Denounced on 15 January 2026, which takes effect on 1 August 2026\.$',
               'a Party that has denounced');
select is(pg_temp.letters('ISL', '2026-07-31'), 'D', 'its denunciation is listed');
select matches(pg_temp.note('ISL', 'fr'),
               'Dénonciation le 15 janvier 2026 ; n’est plus Partie depuis le 1er août 2026\.$',
               'a former Party');
select is_empty(
    $$select chart.state from register.chart_at('2026-11-24', 'infinity', 'fr') as chart
       where chart.note ~* '\m(the|of|and|is|are|on|by|not|day)\M'$$,
    'no English is left in a French note');

select * from finish();
rollback;
