-- The audit: whether the whole history is such as the functions of this schema write it, the guards
-- stand, the register is lawful, and each State's status is what a second reckoning gives. It finds
-- what came past the functions: a hand in the tables, a faulty disk, a bad restore.
begin;
set local role ets144_owner;

-- Every table of versions, with the columns that say what a row is a version of.
create function register.version_tables()
    returns table (versions regclass, identity text[])
    language sql stable
    rows 10
begin atomic
    select kept.oid::regclass,
           array(select a.attname::text
                   from pg_index as key
                   join pg_attribute as a on a.attrelid = kept.oid and a.attnum = any (key.indkey)
                  where key.indrelid = kept.oid and key.indisprimary
                    and a.attname not in ('version', 'recorded')
                  order by a.attnum)
      from pg_class as kept
      join pg_attribute as a
        on a.attrelid = kept.oid and a.attname = 'recorded' and a.atttypid = 'tstzrange'::regtype
     where kept.relnamespace = 'register'::regnamespace and kept.relkind = 'r'
     order by kept.oid::regclass::text;
end;

-- Every version of everything. A table without numbers or authors has null for them; of what may be
-- internal it says whether it is.
create function register.every_version()
    returns table (versions regclass, reference text, version integer, recorded tstzrange,
                   revision bigint, author text, internal boolean)
    language plpgsql stable
as $$
declare
    kept record;
begin
    for kept in select t.versions, t.identity from register.version_tables() as t loop
        return query execute format(
            'select %L::regclass, concat_ws('' '', %s), (row ->> ''version'')::integer,
                    v.recorded, v.revision, row ->> ''author'',
                    coalesce(row ->> ''visibility'' = ''internal'', false)
               from %s as v cross join lateral to_jsonb(v) as row',
            kept.versions,
            (select string_agg(format('v.%I', name), ', ') from unnest(kept.identity) as name),
            kept.versions);
    end loop;
end
$$;

-- What refers to a row that is not there. The tables' own constraints see to it, unless they were
-- switched off.
create function register.orphans()
    returns table (subject regclass, reference text, lost_from regclass)
    language plpgsql stable
as $$
declare
    link record;
begin
    for link in
        select k.conrelid::regclass as subject, k.confrelid::regclass as target,
               near.attname as near, far.attname as far
          from pg_constraint as k
          join pg_attribute as near on near.attrelid = k.conrelid and near.attnum = k.conkey[1]
          join pg_attribute as far on far.attrelid = k.confrelid and far.attnum = k.confkey[1]
         where k.contype = 'f' and k.connamespace = 'register'::regnamespace
           and cardinality(k.conkey) = 1
         order by k.conrelid::regclass::text, k.conname
    loop
        return query execute format(
            'select distinct %1$L::regclass, n.%2$I::text, %3$L::regclass from %1$s as n
              where n.%2$I is not null
                and not exists (select from %3$s as f where f.%4$I = n.%2$I)',
            link.subject, link.near, link.target, link.far);
    end loop;
end
$$;

-- What has an identity and no version: its content is lost.
create function register.identities_without_version()
    returns table (identities regclass, reference text)
    language plpgsql stable
as $$
declare
    link record;
begin
    for link in
        select t.versions, k.confrelid::regclass as target, near.attname as near,
               far.attname as far
          from register.version_tables() as t
          join pg_constraint as k on k.contype = 'f' and k.conrelid = t.versions
          join pg_attribute as near on near.attrelid = k.conrelid and near.attnum = k.conkey[1]
          join pg_attribute as far on far.attrelid = k.confrelid and far.attnum = k.confkey[1]
         where t.identity = array[near.attname::text]
    loop
        return query execute format(
            'select %1$L::regclass, i.%2$I::text from %1$s as i
              where not exists (select from %3$s as v where v.%4$I = i.%2$I)',
            link.target, link.far, link.versions, link.near);
    end loop;
end
$$;

-- Everything that is wrong with the history and its guards, one labelled select for each finding.
-- Runs as its owner, since who asks cannot read what the service stores for itself.
create function register.audit()
    returns table (finding text, subject text, reference text, detail text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
begin atomic
    with version as materialized (
        select v.*, v.versions::text as subject,
               row_number() over history as place,
               lead(v.recorded) over history as next_recorded,
               coalesce(lag(v.internal) over history, true) as internal_before
          from register.every_version() as v
        window history as (partition by v.versions, v.reference
                               order by lower(v.recorded), v.version)
    ),
    log as materialized (
        select l.revision, l.at, l.author, lead(l.revision) over history as next_revision,
               lead(l.at) over history as next_at
          from register.revision_log as l
        window history as (order by l.revision)
    )

    -- Versions --------------------------------------------------------------------------------

    select 'version_without_time' as finding, version.subject, version.reference,
           format('recorded is %s, which is no time with a beginning', version.recorded) as detail
      from version
     where isempty(version.recorded) or lower_inf(version.recorded)
        or not lower_inc(version.recorded) or upper_inc(version.recorded)

    union all
    select 'versions_overlap', version.subject, version.reference,
           format('two versions were true from %s', lower(version.next_recorded))
      from version
     where version.recorded && version.next_recorded

    union all
    select 'versions_gap', version.subject, version.reference,
           format('no version was true from %s until %s', upper(version.recorded),
                  coalesce(lower(version.next_recorded)::text, 'now'))
      from version
     where upper(version.recorded) < coalesce(lower(version.next_recorded), 'infinity')

    union all
    select 'versions_not_numbered', version.subject, version.reference,
           format('version %s stands in place %s', version.version, version.place)
      from version
     where version.version <> version.place

    union all
    select 'version_not_of_its_revision', version.subject, version.reference,
           format('it holds from %s, and revision %s is of %s', lower(version.recorded),
                  version.revision, log.at)
      from version
      join log on log.revision = version.revision
     where lower(version.recorded) <> log.at
       and not (version.internal and version.internal_before
                and lower(version.recorded) > log.at
                and lower(version.recorded) < coalesce(log.next_at, 'infinity'))

    union all
    select 'version_not_by_its_author', version.subject, version.reference,
           format('%s wrote it, and %s revision %s', version.author, log.author, log.revision)
      from version
      join log on log.revision = version.revision and log.at = lower(version.recorded)
     where version.author <> log.author

    -- Revisions -------------------------------------------------------------------------------

    union all
    select 'revisions_gap', 'register.revision_log', log.revision::text,
           format('revision %s follows it', log.next_revision)
      from log
     where log.next_revision <> log.revision + 1

    union all
    select 'revisions_gap', 'register.revision_log', min(log.revision)::text,
           'the log does not begin with revision 0'
      from log
    having min(log.revision) <> 0

    union all
    select 'revisions_not_in_order', 'register.revision_log', log.revision::text,
           format('it is of %s, and the next one of %s', log.at, log.next_at)
      from log
     where log.next_at <= log.at

    union all
    select 'revision_not_the_newest', 'register.revision', newest.number::text,
           format('the log ends with revision %s of %s', log.revision, log.at)
      from register.revision as newest
      join log on log.next_revision is null
     where newest.number <> log.revision or newest.at < log.at

    union all
    select 'revision_without_versions', 'register.revision_log', log.revision::text,
           format('%s opened it, and nothing of it is left', log.author)
      from log
     where log.revision > 0
       and not exists (select
                         from version
                        where version.revision = log.revision
                          and lower(version.recorded) = log.at)

    -- What belongs together -------------------------------------------------------------------

    union all
    select 'reference_lost', lost.subject::text, lost.reference,
           format('%s has no such row', lost.lost_from)
      from register.orphans() as lost

    union all
    select 'identity_without_version', empty.identities::text, empty.reference,
           'it has no version at all'
      from register.identities_without_version() as empty

    union all
    select 'actions_not_numbered', 'register.action', numbered.reference,
           format('it stands in place %s of its State', numbered.place)
      from (select action.reference, action.number,
                   row_number() over (partition by action.state order by action.number) as place
              from register.action) as numbered
     where numbered.number <> numbered.place

    union all
    select 'request_without_revision', 'service.request_key', request.reference,
           format('%s was told that revision %s recorded it', request.author, request.revision)
      from service.request_key as request
     where not exists (select from log where log.revision = request.revision)

    -- Guards ----------------------------------------------------------------------------------

    union all
    select 'guard_missing', kept.kept::text, guard.name, 'this trigger is not there'
      from (select t.versions as kept from register.version_tables() as t
             union
            select k.confrelid::regclass
              from register.version_tables() as t
              join pg_constraint as k on k.contype = 'f' and k.conrelid = t.versions) as kept
     cross join (values ('reject_change'), ('reject_truncate')) as guard (name)
     where not exists (select
                         from pg_trigger
                        where pg_trigger.tgrelid = kept.kept and pg_trigger.tgname = guard.name)

    union all
    select 'guard_switched_off', pg_trigger.tgrelid::regclass::text, pg_trigger.tgname::text,
           'this trigger does nothing'
      from pg_trigger
      join pg_class on pg_class.oid = pg_trigger.tgrelid
     where pg_class.relnamespace = 'register'::regnamespace
       and pg_trigger.tgenabled not in ('O', 'A')

    -- The law ---------------------------------------------------------------------------------

    union all
    select 'rule_broken', breach.rule, breach.reference, breach.detail_en
      from register.breaches_in_words() as breach

    order by 2, 3, 1;
end;

-- Where States stand, reckoned a second time and another way: life after life and act after act, as
-- a clerk would, by Articles 1, 12, 13, 14 and 18. It shares the tables with status_at(), and no
-- function.
create function register.statuses_recomputed(as_of date, known_at timestamptz)
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
create function register.days_to_recompute(first_revision bigint, last_revision bigint)
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
create function register.audit_statuses(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    select 'status_differs', 'register.status_at', differing.state,
           format('on %s, as known at revision %s: %s', days.day, days.revision, differing.how)
      from register.days_to_recompute(first_revision, last_revision) as days
     cross join lateral (
               select coalesce(told.state, recomputed.state) as state,
                      format('%s, in force on %s, chapters %s; recomputed: %s, %s, %s',
                             told.status, told.in_force_on, told.chapters, recomputed.status,
                             recomputed.in_force_on, recomputed.chapters) as how
                 from register.status_at(days.day, days.known_at) as told
                 full join register.statuses_recomputed(days.day, days.known_at) as recomputed
                   on recomputed.state = told.state
                where (told.status, told.in_force_on, told.chapters)
                      is distinct from
                      (recomputed.status, recomputed.in_force_on, recomputed.chapters)
           ) as differing
     order by days.revision, days.day, differing.state;
end;

commit;
