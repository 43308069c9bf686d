-- The audit finds whatever did not come by the functions of the register, and nothing else.
begin;
select no_plan();

-- What it says of the register after something was done to it with the guards switched off; all of
-- that is undone again.
create function pg_temp.found_after(damage text) returns text[]
    language plpgsql
as $$
declare
    found text[];
begin
    begin
        set local session_replication_role = replica;
        execute damage;
        set local session_replication_role = origin;
        found := array(
            select distinct a.finding || ' ' || a.reference
              from (select finding, reference from register.audit()
                     union all
                    select published.finding, published.reference
                      from register.audit_published(0, 1000000) as published) as a
             order by 1);
        raise sqlstate 'UUUUU';
    exception
        when sqlstate 'UUUUU' then null;
    end;
    return found;
end
$$;

create function pg_temp.document(state text, kind text, day text) returns jsonb
    language sql
    return jsonb_build_object('state', state, 'kind', kind, 'date', day, 'verification',
                              'single_source', 'sources', array['https://source.example']);

create function pg_temp.step(visibility text) returns jsonb
    language sql
    return jsonb_build_object('state', 'PRT', 'stage', 'no_information', 'date', '2020-01-01',
                              'visibility', visibility, 'sources', array[]::text[],
                              'reason', 'a test ' || clock_timestamp());

-- A history with everything in it that is lawful: corrections, voids, several writes in one
-- revision, what is internal, what became public and what was hidden again.
select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'signature', '2020-01-01'), 'tests');
select register.operation_apply('correct', 'action', 'PRT-1', pg_temp.document('PRT', 'signature', '2020-01-02')
                                        || '{"reason": "typing error"}', 'tests');
select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'ratification', '2021-01-01'), 'tests');
select register.operation_apply('void', 'action', 'PRT-2', '{"reason": "it was Poland"}', 'tests');
select (register.operation_apply('record', 'action', null, pg_temp.document('ITA', 'communication', '2020-01-01'),
                               'tests')).reference as communication \gset
select register.operation_apply('correct', 'action', :'communication',
                               pg_temp.document('ITA', 'communication', '2020-01-01')
                               || '{"summary_en": "x", "reason": "a summary"}', 'tests');
select (register.operation_apply('record', 'outlook', null, pg_temp.step('internal'), 'tests')).reference as entry \gset
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('internal') || '{"note_en": "x"}', 'tests');
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('public'), 'tests');
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('internal'), 'tests');
select register.operation_apply('void', 'outlook', :'entry', '{"reason": "a test"}', 'tests');
update register.revision set opened_in = null;
select register.operation_apply('record', 'action', null, pg_temp.document('NOR', 'denunciation', '2026-08-31'), 'tests');
select service.token_create('tests', sha256('t'), '{a}', null);
select service.request_begin(sha256('t'), 'k', sha256('x'), null);
select service.request_store_result('NOR-4');

select is_empty('select * from register.audit()', 'nothing is wrong with a lawful history');
select is_empty($$select a.* from register.revision as r
                   cross join register.audit_published(0, r.number) as a$$,
                'and the feed says what follows from it');
select is_empty($$select a.* from register.revision as r
                   cross join register.audit_published(r.number, r.number + 1) as a$$,
                'asked of the newest revision alone, too');
select is(register.status_content(jsonb_populate_record(
              v, '{"version": 9, "summary_en": "Other words.", "author": "somebody"}')),
          register.status_content(v), 'other words and another author move no period')
  from register.action_version as v
 where v.reference = 'ITA-1';
select isnt(register.status_content(jsonb_populate_record(v, '{"not_after": "1995-01-01"}')),
            register.status_content(v), 'another last possible day may')
  from register.action_version as v
 where v.reference = 'ITA-1';

select cmp_ok((select count(*) from register.every_version()), '>', 100::bigint,
              'all of this was looked at');
select set_has('select versions::text from register.version_tables()',
               $$values ('register.action_version'), ('register.call_version'),
                        ('register.outlook_version'), ('register.state_version'),
                        ('register.membership')$$, 'in each table of versions');
select is_empty('select * from register.orphans()', 'no reference is lost');
select is_empty('select * from register.identities_without_version()', 'nor any content');

-- Damage ---------------------------------------------------------------------------------------

select is(pg_temp.found_after(damage), found, what)
  from (values
    ('a version that is gone',
     $$delete from register.action_version where reference = 'PRT-1' and version = 1$$,
     '{period_differs PRT,publication_differs PRT,revision_without_versions 2,versions_not_numbered PRT-1}'::text[]),
    ('the last version that is gone',
     $$delete from register.action_version where reference = 'PRT-1' and version = 2$$,
     '{period_differs PRT,publication_differs PRT,revision_without_versions 3,versions_gap PRT-1}'),
    ('a gap',
     $$update register.action_version
          set recorded = tstzrange(lower(recorded), upper(recorded) - interval '1 microsecond')
        where reference = 'PRT-1' and version = 1$$,
     '{versions_gap PRT-1}'),
    ('an overlap',
     -- Of two versions that differ in their summary: a recomputation may take either.
     format($$alter table register.action_version
                  drop constraint action_version_reference_recorded_excl;
              update register.action_version set recorded = tstzrange(lower(recorded), null)
               where reference = %L and version = 1$$, :'communication'),
     format('{versions_overlap %s}', :'communication')::text[]),
    ('a version that was never true',
     $$update register.action_version set recorded = 'empty'
        where reference = 'PRT-1' and version = 2$$,
     '{period_differs PRT,publication_differs PRT,revision_without_versions 3,version_without_time PRT-1,versions_gap PRT-1}'),
    ('a version moved to another time',
     $$update register.action_version
          set recorded = tstzrange(lower(recorded) + interval '1 microsecond', null)
        where reference = 'ITA-1'$$,
     '{period_differs ITA,publication_differs ITA,version_not_of_its_revision ITA-1}'),
    ('an internal version outside the time of its revision',
     $$update register.outlook_version
          set recorded = tstzrange(lower(recorded) - interval '1 day', upper(recorded))
        where version = 1$$,
     format('{version_not_of_its_revision %s}', :'entry')::text[]),
    ('another author',
     $$update register.action_version set author = 'nobody' where reference = 'ITA-1'$$,
     '{version_not_by_its_author ITA-1}'),
    ('a revision that is gone',
     $$delete from register.revision_log where revision = 2$$,
     '{reference_lost 2,revisions_gap 1}'),
    ('a log without its beginning',
     $$delete from register.revision_log where revision = 0$$,
     '{reference_lost 0,revisions_gap 1}'),
    ('a revision forgotten',
     $$update register.revision set number = number - 1$$,
     (select array['publication_differs NOR', 'revision_not_the_newest ' || number - 1] from register.revision)),
    ('a revision without its versions',
     $$with opened as (
           update register.revision set number = number + 1, at = clock_timestamp()
           returning number, at)
       insert into register.revision_log (revision, at, author)
       select number, at, 'nobody' from opened$$,
     (select array['revision_without_versions ' || number + 1] from register.revision)),
    ('a version of nothing',
     $$delete from register.call where reference = 'CG-REC-304'$$,
     '{reference_lost CG-REC-304}'),
    ('an identity without content',
     $$insert into register.call (reference) values ('LOST')$$,
     '{identity_without_version LOST}'),
    ('a number left out',
     $$insert into register.action (reference, state, number) values ('PRT-4', 'PRT', 4)$$,
     '{actions_not_numbered PRT-4,identity_without_version PRT-4}'),
    ('a request that was told of a lost revision',
     $$update service.request_key set revision = 1000$$,
     '{request_without_revision NOR-4}'),
    ('a guard that is gone',
     $$drop trigger reject_change on register.action$$,
     '{guard_missing reject_change}'),
    ('a guard that is switched off',
     $$alter table register.state disable trigger reject_truncate$$,
     '{guard_switched_off reject_truncate}')) as done (what, damage, found);

-- Where one damage has many signs, this is one of them.
select ok(found = any (pg_temp.found_after(damage)), what)
  from (values
    ('revisions in no order of time',
     $$update register.revision_log
          set at = (select at - interval '1 second' from register.revision_log where revision = 0)
        where revision = 1$$,
     'revisions_not_in_order 0'),
    ('a broken rule',
     $$update register.action_version set kind = 'accession' where reference = 'ITA-2'$$,
     'rule_broken ITA-2'),
    ('a rule of dates that was changed',
     $$create or replace function register.first_of_month_after(months integer, counted_from date)
           returns date language sql immutable strict parallel safe
           return (date_trunc('month', counted_from) + make_interval(months => months + 2))::date$$,
     'publication_differs SWE'),
    ('a code that came to mean something else',
     $$update register.kind set months = 7 where code = 'denunciation'$$,
     'publication_differs NOR')) as done (what, damage, found);

-- What the register holds of what follows ------------------------------------------------------

select is(pg_temp.found_after(damage), found, what)
  from (values
    ('a wrong status in a period',
     $$update register.period set status = 'former_party'
        where state = 'PRT' and status = 'signatory' and upper_inf(recorded)$$,
     '{"period_differs PRT"}'::text[]),
    ('a wrong chapter in a period that was held before',
     $$update register.period set chapters = '{A}'
        where state = 'NOR' and status = 'party' and not upper_inf(recorded)$$,
     '{"period_differs NOR"}'),
    ('a period ended after the newest revision',
     $$update register.period set recorded = tstzrange(lower(recorded), clock_timestamp() + interval '1 hour')
        where state = 'ITA' and upper_inf(recorded)$$,
     '{"period_differs ITA"}'),
    ('a period that is gone',
     $$delete from register.period where state = 'FRA' and lower_inf(valid)$$,
     '{"period_differs FRA"}'),
    ('a period that begins on another day',
     $$update register.period set valid = daterange(lower(valid) + 1, upper(valid))
        where state = 'ITA' and status = 'party'$$,
     '{"period_differs ITA"}'),
    ('a period held for another time',
     $$update register.period
          set recorded = tstzrange(lower(recorded), upper(recorded) - interval '1 microsecond')
        where state = 'NOR' and not upper_inf(recorded) and status = 'party'$$,
     '{"period_differs NOR"}')) as done (what, damage, found);

-- What the feed published ---------------------------------------------------------------------

select is(pg_temp.found_after(damage), found, what)
  from (values
    ('a wrong status in the newest entry of a State',
     $$update register.change
          set after = jsonb_set(after, '{periods,0,status}', '"former_party"')
        where id = (select id from register.latest_change('status', 'PRT', 'infinity', 0))$$,
     '{"publication_differs PRT"}'::text[]),
    ('a wrong status in an older entry',
     $$update register.change
          set after = jsonb_set(after, '{periods,0,status}', '"former_party"')
        where category = 'status' and state = 'PRT'
          and at = (select min(at) from register.change
                     where category = 'status' and state = 'PRT' and revision > 1)$$,
     '{"publication_differs PRT","publications_gap PRT"}'),
    ('a day of entry into force for a State that was never due',
     $$update register.change
          set after = '{"in_force_on": "1997-05-02", "consent": "ITA-2"}'
        where category = 'entry_into_force' and state = 'ITA'$$,
     '{"publication_differs ITA"}'),
    ('a wrong day of the Convention''s own entry into force',
     $$update register.change
          set after = jsonb_set(after, '{in_force_on}', '"1997-06-01"')
        where category = 'entry_into_force' and state is null$$,
     '{"publication_differs 144"}'),
    ('an entry that is gone',
     $$delete from register.change
        where id = (select id from register.latest_change('status', 'NOR', 'infinity', 0))$$,
     '{"publication_differs NOR"}'),
    ('an entry gone from the middle',
     $$delete from register.change
        where category = 'status' and state = 'PRT'
          and id <> (select id from register.latest_change('status', 'PRT', 'infinity', 0))
          and at = (select max(at) from register.change as c
                     where c.category = 'status' and c.state = 'PRT'
                       and c.at < (select at
                                     from register.latest_change('status', 'PRT', 'infinity', 0)))$$,
     '{"publications_gap PRT"}'),
    ('an entry of a State that never moved',
     $$insert into register.change
           (at, number, revision, audience, category, event, state, after, author)
       select r.at, 1000, r.number, 'everyone', 'status', 'changed', 'FRA',
              '{"periods": [{"from": "2000-01-01", "status": "party"}]}', 'nobody'
         from register.revision as r$$,
     '{"publication_differs FRA","publications_gap FRA"}')) as done (what, damage, found);

select * from finish();
rollback;
