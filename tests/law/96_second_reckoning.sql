-- A second reckoning of every State's status, life after life and act after act as a clerk would, beside
-- the one of status.sql, and that the two agree.
begin;
select no_plan();

-- Where States stand, reckoned a second time and another way: life after life and act after act, as
-- a clerk would, by Articles 1, 12, 13, 14 and 18. It shares the tables with status_at(), and no
-- function.
create function pg_temp.statuses_recomputed(as_of date, known_at timestamptz)
    returns table (state text, status text, in_force_on date, chapters text[])
    language plpgsql stable
    rows 50
as $$
#variable_conflict use_column
declare
    convention date;
    known register.action_version[];
    denunciations jsonb;
    act record;
    signed boolean;
    consented boolean;
    leaves date;
    left_out text[];
begin
    select (date_trunc('month', fourth.day) + interval '4 months')::date into convention
      from (select min(coalesce(v.date, v.not_after)) as day
              from register.action_version as v
             where v.recorded @> known_at and not v.voided
               and v.kind in ('ratification', 'acceptance', 'approval')
             group by split_part(v.reference, '-', 1)
            having min(coalesce(v.date, v.not_after)) <= as_of
             order by day
            offset 3
             limit 1) as fourth;

    -- Each State with what is known of it: the register's whole history is looked through once, not
    -- for each State.
    for state, known in
        select s.code, done.acts
          from register.state_version as s
          left join (
                   select split_part(v.reference, '-', 1) as state, array_agg(v) as acts
                     from register.action_version as v
                    where v.recorded @> known_at and not v.voided
                      and coalesce(v.date, v.not_after) <= as_of
                    group by split_part(v.reference, '-', 1)
               ) as done on done.state = s.code
         where s.recorded @> known_at
         order by s.code
    loop
        select coalesce(jsonb_object_agg(
                   v.reference,
                   coalesce(v.published_effective_date,
                            (date_trunc('month', coalesce(v.received_on, v.date, v.not_after))
                             + interval '7 months')::date)), '{}')
          into denunciations
          from unnest(known) as v
         where v.kind = 'denunciation';
        signed := false;
        consented := false;
        in_force_on := null;
        leaves := null;
        left_out := '{}';
        -- What counts is the last life that the State began, by signing or consenting.
        for act in
            with acts as (
                select v.reference, v.kind, v.chapters, coalesce(v.date, v.not_after) as day,
                       v.published_effective_date as published,
                       (select count(*)::integer
                          from jsonb_each_text(denunciations) as ending (reference, day)
                         where ending.day::date <= coalesce(v.date, v.not_after)
                           and ending.reference <> v.reference) as life
                  from unnest(known) as v
            )
            select acts.*
              from acts
             where acts.life = (select max(begun.life)
                                  from acts as begun
                                 where begun.kind in ('signature', 'ratification', 'acceptance',
                                                      'approval', 'accession'))
             order by acts.kind = 'chapter_acceptance', acts.day
        loop
            case act.kind
                when 'signature' then
                    signed := true;
                when 'ratification', 'acceptance', 'approval', 'accession' then
                    consented := true;
                    if convention is not null then
                        in_force_on := least(in_force_on, greatest(
                            convention,
                            coalesce(act.published, (date_trunc('month', act.day)
                                                     + interval '4 months')::date)));
                    end if;
                when 'chapter_exclusion' then
                    left_out := left_out || act.chapters;
                when 'chapter_acceptance' then
                    if coalesce(act.published, (date_trunc('month', act.day)
                                                + interval '4 months')::date) <= as_of then
                        left_out := array(select letter from unnest(left_out) as letter
                                           where letter <> all (act.chapters));
                    end if;
                when 'denunciation' then
                    leaves := (denunciations ->> act.reference)::date;
                else
                    null;
            end case;
        end loop;
        status := case
            when in_force_on <= as_of and leaves <= as_of then 'former_party'
            when in_force_on <= as_of and leaves is not null then 'party_denouncing'
            when in_force_on <= as_of then 'party'
            when consented then 'contracting_state'
            when signed then 'signatory'
            else 'no_action'
        end;
        chapters := case
            when status in ('party', 'party_denouncing') then
                array(select letter from unnest(array['A', 'B', 'C']) as letter
                       where letter <> all (left_out))
            else '{}'
        end;
        return next;
    end loop;
end
$$;

-- The days on which a standing can change, as known at each revision from one to another: through
-- the versions that began or ended with it; at the newest, through any that is known.
create function pg_temp.days_to_recompute(first_revision bigint, last_revision bigint)
    returns table (revision bigint, known_at timestamptz, day date)
    language sql stable
begin atomic
    with log as (
        select l.revision, l.at
          from register.revision_log as l
         where l.revision between first_revision and last_revision
    ),
    moving as (
        select log.revision, log.at, v.date, v.not_after, v.received_on, v.published_effective_date
          from log
          join register.action_version as v on lower(v.recorded) = log.at

        union all
        select log.revision, log.at, v.date, v.not_after, v.received_on, v.published_effective_date
          from log
          join register.action_version as v on upper(v.recorded) = log.at

        union all
        select log.revision, log.at, v.date, v.not_after, v.received_on, v.published_effective_date
          from log
          join register.revision as newest on newest.number = log.revision
          join register.action_version as v on v.recorded @> log.at
    )
    select distinct moving.revision, moving.at, candidate.day
      from moving
     cross join lateral (
               values (moving.date), (moving.not_after), (moving.received_on)
           ) as said (day)
     cross join lateral (
               values (said.day), (moving.published_effective_date),
                      ((date_trunc('month', said.day) + interval '4 months')::date),
                      ((date_trunc('month', said.day) + interval '7 months')::date)
           ) as candidate (day)
     where candidate.day is not null;
end;

-- Where the two reckonings differ, for the revisions from one to another.
create function pg_temp.audit_statuses(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    select 'status_differs', 'register.status_at', differing.state,
           format('on %s, as known at revision %s: %s', days.day, days.revision, differing.how)
      from pg_temp.days_to_recompute(first_revision, last_revision) as days
     cross join lateral (
               select coalesce(told.state, recomputed.state) as state,
                      format('%s, in force on %s, chapters %s; recomputed: %s, %s, %s',
                             told.status, told.in_force_on, told.chapters, recomputed.status,
                             recomputed.in_force_on, recomputed.chapters) as how
                 from register.status_at(days.day, days.known_at) as told
                 full join pg_temp.statuses_recomputed(days.day, days.known_at) as recomputed
                   on recomputed.state = told.state
                where (told.status, told.in_force_on, told.chapters)
                      is distinct from
                      (recomputed.status, recomputed.in_force_on, recomputed.chapters)
           ) as differing
     order by days.revision, days.day, differing.state;
end;

create function pg_temp.document(state text, kind text, day text) returns jsonb
    language sql
    return jsonb_build_object('state', state, 'kind', kind, 'date', day, 'verification',
                              'single_source', 'sources', array['https://source.example']);

-- Damages what the first reckoning goes by, and undoes it again.
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
              from register.revision as newest
             cross join pg_temp.audit_statuses(newest.number, newest.number) as a
             order by 1);
        raise sqlstate 'UUUUU';
    exception
        when sqlstate 'UUUUU' then null;
    end;
    return found;
end
$$;

select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'signature', '2020-01-01'), 'tests');
select register.operation_apply('correct', 'action', 'PRT-1', pg_temp.document('PRT', 'signature', '2020-01-02')
                                        || '{"reason": "typing error"}', 'tests');
select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'ratification', '2021-01-01'), 'tests');
select register.operation_apply('void', 'action', 'PRT-2', '{"reason": "it was Poland"}', 'tests');
update register.revision set opened_in = null;
select register.operation_apply('record', 'action', null, pg_temp.document('NOR', 'denunciation', '2026-08-31'), 'tests');

select is_empty($$select a.* from register.revision as r
                   cross join pg_temp.audit_statuses(0, r.number) as a$$,
                'every status is what it is when reckoned again');
select ok((select count(*) from pg_temp.days_to_recompute(0, 1)) between 40 and 100,
          'with a revision the days of what it moved are reckoned');
select ok((select count(*) from pg_temp.days_to_recompute(number, number)) > 40,
          'and with the newest every day') from register.revision;

select ok(found = any (pg_temp.found_after(damage)), what)
  from (values
    ('a period that begins a month late',
     $$update register.period set in_force_on = in_force_on + interval '1 month' where state = 'SWE'$$,
     'status_differs SWE'),
    ('a Party whose denunciation is left out',
     $$update register.period set status = 'party'
        where state = 'NOR' and status = 'party_denouncing'$$,
     'status_differs NOR')) as done (what, damage, found);

select results_eq(
    format('select state, status, in_force_on, chapters
              from pg_temp.statuses_recomputed(%L, ''infinity'') order by state', day),
    format('select state, status, in_force_on, chapters
              from register.status_at(%L, ''infinity'') order by state', day), 'both reckonings agree on ' || day)
  from (values (date '1992-02-04'), ('1997-04-30'), ('1997-05-01'), ('2016-01-01'), ('2027-02-28'),
               ('2027-03-01'), ('infinity')) as days (day);

select * from finish();
rollback;
