-- The changes in words, newest first, and the days on which what was done takes effect.
begin;
select no_plan();

-- Newest first ----------------------------------------------------------------------------------

create function pg_temp.paged(size integer, of_state text) returns text[]
    language plpgsql
as $$
declare
    ids text[] := '{}';
    page record;
    last record;
begin
    select null::timestamptz as at, null::integer as number into last;
    loop
        select array_agg(c.id order by c.at desc, c.number desc) as ids, min(c.at) as at,
               (array_agg(c.number order by c.at, c.number))[1] as number
          into page
          from register.changes_before(last.at, last.number, of_state, size) as c;
        exit when page.ids is null;
        ids := ids || page.ids;
        last := page;
    end loop;
    return ids;
end
$$;
create function pg_temp.outlook(visibility text) returns jsonb
    language sql
as $$
    select jsonb_build_object('state', 'FRA', 'stage', 'under_study', 'date', '2020-01-01',
                              'visibility', visibility, 'reason', 'a secret',
                              'note_en', 'Studied.', 'sources', array['https://source.example'])
$$;
create temporary table step as
select (register.operation_apply('record', 'outlook', null, pg_temp.outlook('internal'), 'tests')).reference;
select is(pg_temp.paged(size, of_state),
          array(select c.id from register.change as c
                 where c.audience <> 'internal' and (of_state is null or c.state = of_state)
                 order by c.at desc, c.number desc),
          format('pages of %s are the whole, backwards (%s)', size, of_state))
  from (values (7), (1000)) as page (size), (values (null), ('ITA'), ('FRA'), ('XXX')) as a (of_state);

-- Words -----------------------------------------------------------------------------------------

create function pg_temp.words(of_category text, of_subject text, lang text)
    returns table (title text, summary text)
    language sql
as $$
    select words.title, words.summary
      from (select c.* from register.change as c
             where c.category = of_category
               and of_subject in (c.reference, c.state, case when c.state is null then '144' end)
             order by c.at desc, c.number desc limit 1) as newest
     cross join lateral register.change_in_words(newest::register.change, lang) as words
$$;
create function pg_temp.says(category text, subject text, lang text, title text, summary text)
    returns text
    language sql
as $$
    select results_eq(format('select * from pg_temp.words(%L, %L, %L)', category, subject, lang),
                      format('values (%L, %L)', title, summary),
                      format('%s of %s in %s', category, subject, lang))
$$;
select pg_temp.says('instrument', 'ALB-2', 'en', 'Albania: Ratification (recorded)',
    'Done on 19 July 2005. Ratification deposited. Reason: Loaded from sql/data.');
select pg_temp.says('entry_into_force', '144', 'fr', 'La Convention : Entrée en vigueur (changement)',
    'La Convention entre en vigueur le 1er mai 1997 (NLD-2). Motif : Loaded from sql/data.');
select pg_temp.says('entry_into_force', 'ITA', 'en', 'Italy: Entry into force (changed)',
    'The Convention enters into force for it on 1 May 1997 (ITA-2). Reason: Loaded from sql/data.');
select pg_temp.says('status', 'RUS', 'en', 'Russian Federation: No action (changed)',
    'From 28 February 1996: No action. Reason: Loaded from sql/data.');
select pg_temp.says('status', 'CZE', 'fr', 'République tchèque : Partie (changement)',
    'À partir du 30 juin 1993 : Aucun acte. À partir du 7 juin 2000 : Signataire. À partir du '
    || '17 juillet 2015 : État contractant. À partir du 1er novembre 2015 : Partie ; les chapitres B '
    || '(organismes consultatifs) et C (droit de vote) ne s’appliquent pas. '
    || 'Motif : Loaded from sql/data.');
select pg_temp.says('call', 'FD-1999', 'en',
    'Strasbourg Final Declaration on the participation of foreign residents in public life at local level: Call (recorded)',
    'Asks member States that have not done so to sign, ratify and apply the Convention. Reason: Loaded from sql/data.');
select pg_temp.says('state', 'AND', 'fr', 'Andorre : État (enregistrement)',
    'Nom : Andorre ; codes : AD, 020. Motif : Loaded from sql/data.');
select pg_temp.says('other_act', 'NLD-5', 'fr', 'Pays-Bas : Déclaration territoriale (enregistrement)',
    (select 'Fait le 28 janvier 1997. ' || v.summary_fr || ' Territoires visés : NL-Europe. Motif : '
            || v.reason from register.action_version as v where v.reference = 'NLD-5'));
select lives_ok($$select register.operation_apply('correct', 'outlook', reference, pg_temp.outlook('public'), 'tests')
                    from step$$, 'an entry is published');
select results_eq(
    $$select w.title, w.summary from register.change as c
       cross join lateral register.change_in_words(c::register.change, 'en') as w
       where c.audience = 'public'$$,
    $$values ('France: Under study (recorded)', 'Under study, as of 1 January 2020. Studied.')$$,
    'without a reason that is not for everyone');
select lives_ok($$select register.operation_apply('correct', 'outlook', reference, pg_temp.outlook('internal'), 'tests')
                    from step$$, 'and made internal again');
select results_eq(
    $$select w.title, w.summary from register.change as c
       cross join lateral register.change_in_words(c::register.change, 'fr') as w
       where c.audience = 'public' and c.after is null$$,
    $$values ('France : À l’étude (annulation)',
              'Le registre ne le porte plus. Auparavant : À l’étude, au 1er janvier 2020. Studied.')$$,
    'what stands no more is told by what stood');

select is(register.periods_in_words('[]', 'en'),
          'It is no member of the Council of Europe and has done nothing.', 'no period at all');
select is(register.periods_in_words(
    '[{"from": "1992-02-05", "status": "signatory", "signature": "A-1"},
      {"from": "1993-02-05", "status": "signatory", "signature": "A-2"},
      {"from": "1994-01-01", "status": "party", "chapters": ["A", "B", "C"], "vote_only": true}]', 'en'),
    'From 5 February 1992: Signatory. From 1 January 1994: Party; all chapters bind it, and Chapter C is limited to voting.',
    'what no word tells apart is one period');
select is(register.list_in_words('change_chapters', '["B", "C"]', 'fr'), 'Chapitres : B, C.', 'a list');
select is(register.list_in_words('change_chapters', '[]', 'fr'), null, 'of nothing, nothing');
select is(register.change_content_in_words('status', 'ITA', null, 'en'), null, 'no content, no words');

select is_empty($$select code from register.phrase where en = fr and code <> 'on_day'$$,
                'every sentence is there in two languages');

create function pg_temp.french() returns table (place text, sentence text)
    language plpgsql
as $$
declare
    held record;
begin
    for held in select a.attrelid::regclass as relation, a.attname as name
                  from pg_attribute as a
                  join pg_class as c on c.oid = a.attrelid and c.relkind = 'r'
                 where c.relnamespace = 'register'::regnamespace and a.attname ~ '(^|_)fr$' loop
        return query execute format('select %L, r.%I::text from %s as r',
                                    format('%s.%s', held.relation, held.name), held.name, held.relation);
    end loop;
end
$$;
select ok(count(*) > 500, 'there are many French texts') from pg_temp.french() where sentence is not null;
select is_empty($$select * from pg_temp.french()
                   where sentence ~ '[[:alpha:]]''[[:alpha:]%]| ([:;?!]( |$)|»)|« '$$,
                'French has typographic apostrophes, and no-break spaces at its punctuation');

-- Names -----------------------------------------------------------------------------------------

select matches(register.uuid_of('a'), '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$',
               'a name has an identifier');
select is(register.uuid_of('a'), register.uuid_of('a'), 'always the same');
select isnt(register.uuid_of('a'), register.uuid_of('b'), 'and its own');

-- Days of effect --------------------------------------------------------------------------------

select results_eq(
    $$select c.reference, c.day from register.calendar_at('infinity', 'en') as c
       where c.kind is not null order by c.reference$$,
    $$select e.reference, e.effective_on from register.effects_at('infinity', 'infinity') as e
       where e.effective_on is not null order by e.reference$$,
    'every effective day is in the calendar');
select results_eq(
    $$select day, reference, summary from register.calendar_at('infinity', 'en') where state is null$$,
    $$values (date '1997-05-01', 'NLD-2', 'ETS No. 144 enters into force')$$,
    'and the Convention''s own');
select results_eq(
    $$select summary, description from register.calendar_at('infinity', 'fr') where reference = 'CZE-2'
         and state is not null$$,
    $$select 'République tchèque : la STE n° 144 entre en vigueur', t.definition_fr || ' ' || v.summary_fr
        from register.vocabulary_term as t, register.action_version as v
       where t.code = 'three_months' and v.reference = 'CZE-2'$$,
    'with the rule that gives it, and what was said');
select is_empty($$select * from register.calendar_at((select at from register.revision_log
                                                        where revision = 0), 'en')$$,
                'of what was not known there is no day');

create temporary table first_day as select * from register.calendar_at('infinity', 'en');
select lives_ok($$select register.operation_apply('record', 'action', null, '{"state": "ITA", "kind": "denunciation",
    "date": "2026-01-15", "verification": "single_source", "sources": ["https://a.example"]}',
    'tests')$$, 'a denunciation');
select results_eq(
    $$select c.day, c.summary from register.calendar_at('infinity', 'en') as c
       where not exists (select from first_day as f where f.uid = c.uid)$$,
    $$values (date '2026-08-01', 'Italy: ETS No. 144 ceases to be in force')$$,
    'ends on the day it takes effect');
select is_empty(
    $$select f.* from first_day as f
      except select c.* from register.calendar_at('infinity', 'en') as c$$,
    'and nothing else moves');

select * from finish();
rollback;
