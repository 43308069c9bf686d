-- A write is judged by what it touches. Its judgement finds what the judgement of the whole register
-- finds, wherever the breach is.
begin;
select no_plan();

create function pg_temp.content(kind text, day text) returns jsonb
    language sql
    return register.action_content(jsonb_build_object(
        'kind', kind, 'date', day, 'verification', 'single_source',
        'sources', array['https://source.example'],
        'chapters', case when kind in ('chapter_exclusion', 'chapter_acceptance')
                         then array['C'] end,
        'territories', case when kind like 'territorial%'
                            then jsonb_build_object(
                                case when kind = 'territorial_withdrawal' then 'left_out'
                                     else 'covered' end, array['Isle']) end));

-- Writes that nobody judges.
create function pg_temp.record(state text, kind text, day text) returns void
    language sql
as $$
    select register.actions_enter(jsonb_build_array(jsonb_build_object(
               'reference', state || '-' || n, 'state', state, 'number', n,
               'content', pg_temp.content(kind, day))), 'tests', null)
      from (select coalesce(max(a.number), 0) + 1 as n
              from register.action as a where a.state = record.state) as next
$$;

create function pg_temp.change(reference text, content jsonb) returns void
    language sql
as $$
    select register.version_add('register.action_version', reference,
                                register.content_of(
                                    register.latest_version('register.action_version', reference))
                                || content, 'tests', 'tried')
$$;

create function pg_temp.join_council(of_state text, day date) returns void
    language plpgsql
as $$
begin
    perform register.version_add('register.membership_version', of_state || '-M1',
                                 register.membership_content(jsonb_build_object(
                                     'member_from', day, 'verification', 'confirmed')),
                                 'tests', 'tried');
end
$$;

-- Makes a write; answers the rules that it breaks, found by what it touches, and how the judgement
-- of the whole differs. A write that breaks none is finished, if it shall stay.
create function pg_temp.judge(write text, stays boolean default false)
    returns table (rules text[], states text[], difference text[])
    language plpgsql
as $$
declare
    began constant timestamptz := (select r.at from register.revision as r);
begin
    begin
        execute 'select ' || write;
        with touched as materialized (
            select b.rule, b.reference, b.detail_en
              from register.breaches_in_words(
                       (select register.touched_by(began, r.at) from register.revision as r)) as b
        ),
        whole as materialized (
            select b.rule, b.reference, b.detail_en from register.breaches_in_words() as b
        )
        select array(select distinct touched.rule from touched order by 1),
               array(select distinct left(touched.reference, 3) from touched order by 1),
               array(select either::text
                       from (select * from touched union all select * from whole) as either
                      group by either having count(*) <> 2)
          into rules, states, difference;
        if not stays or rules <> '{}' then
            raise exception 'undo' using errcode = 'ZZZZZ';
        end if;
        perform register.log_changes();
    exception
        when sqlstate 'ZZZZZ' then
            null;
    end;
    return next;
end
$$;

create function pg_temp.breaks(write text, expected text[], in_states text[], sentence text)
    returns setof text
    language plpgsql
as $$
declare
    judged record;
begin
    select * into judged from pg_temp.judge(write);
    return next is(judged.rules, expected, sentence);
    return next is(judged.states, in_states, sentence || ': where');
    return next is(judged.difference, '{}', sentence || ': the whole register says the same');
end
$$;

-- Planted -----------------------------------------------------------------------------------------

-- The Convention enters into force on 1 May 1997, three months after the consent NLD-2. These are
-- lawful from that day on.
select is(rules, '{}', 'a derogation of a Party is lawful')
  from pg_temp.judge($$pg_temp.record('NOR', 'derogation', '1997-05-02')$$, true);
select is(rules, '{}', 'an accession after the entry into force is lawful')
  from pg_temp.judge($$pg_temp.record('RUS', 'accession', '2023-01-01')$$, true);
select is(rules, '{}', 'a denunciation of a Party is lawful')
  from pg_temp.judge($$pg_temp.record('SWE', 'denunciation', '1997-05-03')$$, true);

select pg_temp.breaks($$pg_temp.change('NLD-2', '{"date": "1997-02-03"}')$$,
    '{denunciation_by_party,derogation_by_party}', '{NOR,SWE}',
    'a later fourth consent makes acts of other States unlawful');
select pg_temp.breaks($$pg_temp.change('NLD-2', '{"date": "1997-01-02"}')$$, '{}', '{}',
    'a fourth consent in the same month makes none');
select pg_temp.breaks(
    $$pg_temp.change(reference, '{"voided": true}')
      from register.effects_at('infinity', 'infinity')
     where kind in ('ratification', 'acceptance', 'approval') and state <> all ('{NOR,SWE,ITA}')$$,
    '{accession_after_entry_into_force,chapter_exclusion_at_deposit,denunciation_by_party,derogation_by_party,territorial_declaration_in_time}',
    '{ALB,CZE,DNK,NOR,RUS,SWE}', 'with three consents left no act of a Party is lawful');
select pg_temp.breaks($$pg_temp.change('ITA-1', '{"voided": true}')$$, '{signature_before_consent}',
    '{ITA}', 'a consent needs the signature that is voided');
select pg_temp.breaks($$pg_temp.join_council('NOR', '2020-01-01')$$,
    '{ratification_by_member,signature_by_member}', '{NOR}',
    'acts of a member State need the membership that is corrected');
select pg_temp.breaks($$pg_temp.join_council('RUS', '2020-01-01')$$, '{accession_by_non_member}',
    '{RUS}', 'an accession is unlawful with a membership of that day');
select pg_temp.breaks($$pg_temp.record('NLD', 'derogation_end', '2020-01-01')$$,
    '{derogation_end_after_derogation}', '{NLD}', 'an act breaks a rule of its own State');
select pg_temp.breaks(
    $$register.version_add('register.call_version', 'CG-REC-304',
                           register.content_of(register.latest_version('register.call_version',
                                                                       'CG-REC-304'))
                           || '{"body": "nobody"}', 'tests', 'tried')$$,
    '{call_body_exists}', '{CG-}', 'a call breaks its own rules');
select is((register.touched_by(r.at, r.at)).states, '{}', 'nothing touches no State')
  from register.revision as r;
select is(register.states_touched(r.at - interval '1 microsecond', r.at), '{SWE}',
          'an act touches its State')
  from register.revision as r;
select is_empty($$select * from register.breaches_in_words()$$, 'the register is lawful after all');

-- Random ------------------------------------------------------------------------------------------

create function pg_temp.random_of(choices text[]) returns text
    language sql volatile
    return choices[1 + floor(random() * cardinality(choices))::integer];

create function pg_temp.random_day() returns text
    language sql volatile
    return ((date '1996-11-01' + floor(random() * 400)::integer)::date)::text;

create function pg_temp.random_reference() returns text
    language sql volatile
as $$
    select v.reference
      from register.action_version as v
     where upper_inf(v.recorded) and not v.voided
     order by v.kind not in ('ratification', 'acceptance', 'approval') and random() < 0.5, random()
     limit 1
$$;

create function pg_temp.random_write() returns text
    language sql volatile
    return case floor(random() * 8)::integer
        when 0 then format('pg_temp.change(%L, ''{"voided": true}'')', pg_temp.random_reference())
        when 1 then format('pg_temp.join_council(%L, %L)',
                           pg_temp.random_of('{NOR,RUS,PRT,ITA,ALB}'), pg_temp.random_day())
        when 2 then format('pg_temp.change(%L, ''{"date": "%s"}'')', pg_temp.random_reference(),
                           pg_temp.random_day())
        when 3 then format('pg_temp.change(%L, ''{"date": "%s"}'')', pg_temp.random_reference(),
                           pg_temp.random_day())
        else format('pg_temp.record(%L, %L, %L)',
                    pg_temp.random_of('{NOR,SWE,NLD,ITA,RUS,PRT,FRA,FIN}'),
                    pg_temp.random_of('{signature,ratification,accession,acceptance,declaration,
                                        chapter_exclusion,chapter_acceptance,vote_only,derogation,
                                        derogation_end,denunciation,communication,
                                        territorial_extension,territorial_withdrawal}'),
                    pg_temp.random_day()) end;

create temporary table tried (write text, rules text[], states text[], difference text[]);
select setseed(0.144);
do $$
declare
    write text;
begin
    for n in 1..150 loop
        write := pg_temp.random_write();
        insert into tried select write, j.* from pg_temp.judge(write, true) as j;
    end loop;
end
$$;
select is_empty('select write, difference from tried where difference <> ''{}''',
                'a write is judged by what it touches as by the whole register');
select cmp_ok(count(*) filter (where rules = '{}'), '>', 20::bigint, 'lawful writes were tried')
  from tried;
select cmp_ok(count(*) filter (where rules <> '{}'), '>', 50::bigint, 'and unlawful writes')
  from tried;
select is_empty($$select * from register.breaches_in_words()$$, 'the register stayed lawful');
select is_empty(
    $$select register.period_content(p)
        from register.period as p
       where upper_inf(p.recorded)
      except all
      select register.period_content(f)
        from register.revision as r,
             register.periods_of(array(select code from register.state), r.at) as f$$,
    'and its periods are what the actions give');

-- The consequences of each of these writes, which read the States touched only, are those that a
-- comparison of all States finds.
create temporary table step as
select lag(log.at) over (order by log.revision) as before, log.at as after
  from register.revision_log as log;
delete from step where before is null or before < (select at from register.revision_log where revision = 1);
select cmp_ok(count(*), '>', 20::bigint, 'many writes are compared') from step;

select is_empty(
    $$select step.after, either
        from step
       cross join lateral (
                 select c.reference, c.effective_on_before, c.effective_on_after
                   from register.effective_date_changes(step.before, step.after) as c
                  union all
                 select coalesce(n.reference, w.reference) as reference,
                        w.effective_on as effective_on_before, n.effective_on as effective_on_after
                   from register.effects_at('infinity', step.before) as w
                   full join register.effects_at('infinity', step.after) as n
                     on n.reference = w.reference
                  where w.effective_on is distinct from n.effective_on) as either
       group by step.after, either having count(*) <> 2$$,
    'the effective dates that move are those of all States');
select is_empty(
    $$select step.after, either
        from step
       cross join (values (date '1997-09-01')) as day (day)
       cross join lateral (
                 select c.state
                   from register.status_changes(day.day, step.before, step.after) as c
                  union all
                 select n.state
                   from register.periods_on(day.day, step.after) as n
                   join register.periods_on(day.day, step.before) as w on w.state = n.state
                   join register.periods_on('infinity', step.after) as later on later.state = n.state
                   join register.periods_on('infinity', step.before) as sooner
                     on sooner.state = n.state
                  where register.period_as_json(n) <> register.period_as_json(w)
                     or register.period_as_json(later) <> register.period_as_json(sooner)) as either
       group by step.after, either having count(*) <> 2$$,
    'so are the States whose status changes');
-- On the first day of each period, of either moment.
select is_empty(
    $$select step.after, either
        from step
       cross join lateral (
                 select c.state, c.field, day.day, c.was, c.is_now
                   from register.row_changes(step.before, step.after) as c
                   join (select distinct p.state, coalesce(lower(p.valid), '-infinity') as day
                           from register.period as p) as day
                     on day.state = c.state and c.valid @> day.day
                  union all
                 select n.state, one.field, day.day,
                        nullif(register.period_as_json(w) -> one.field, 'null') as was,
                        nullif(register.period_as_json(n) -> one.field, 'null') as is_now
                   from (select distinct p.state, coalesce(lower(p.valid), '-infinity') as day
                           from register.period as p) as day
                   join register.periods_at(step.before) as w
                     on w.state = day.state and w.valid @> day.day
                   join register.periods_at(step.after) as n
                     on n.state = day.state and n.valid @> day.day
                  cross join jsonb_object_keys(register.period_as_json(n)) as one (field)
                  where register.period_as_json(w) -> one.field
                        <> register.period_as_json(n) -> one.field) as either
       group by step.after, either having count(*) <> 2$$,
    'and so are the members and the days');
select is_empty(
    $$select step.after, either
        from step
       cross join lateral (
                 select c.change, c.code, c.state, c.reference, c.recorded, c.expected
                   from register.anomaly_changes('1997-09-01', step.before, step.after) as c
                  union all
                 select 'appears' as change, n.code, n.state, n.reference, n.recorded, n.expected
                   from register.anomalies_at('1997-09-01', step.after) as n
                  where not exists (select from register.anomalies_at('1997-09-01', step.before) as w
                                     where w is not distinct from n)
                  union all
                 select 'goes' as change, w.code, w.state, w.reference, w.recorded, w.expected
                   from register.anomalies_at('1997-09-01', step.before) as w
                  where not exists (select from register.anomalies_at('1997-09-01', step.after) as n
                                     where n is not distinct from w)) as either
       group by step.after, either having count(*) <> 2$$,
    'and the anomalies');

select * from finish();
rollback;
