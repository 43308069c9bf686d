-- The audit: checks that the history is what the functions of this schema write, that the guards
-- are in place, that the register is lawful, and that the change feed published what follows from
-- the actions. It finds manual changes to the tables, disk faults and bad restores.
begin;
set local role ets144_owner;

create function register.version_tables()
    returns table (versions regclass, identity text[])
    language sql stable
    rows 10
begin atomic
    select guarded.oid::regclass,
           array(select a.attname::text
                   from pg_index as key
                   join pg_attribute as a on a.attrelid = guarded.oid and a.attnum = any (key.indkey)
                  where key.indrelid = guarded.oid and key.indisprimary
                    and a.attname not in ('version', 'recorded')
                  order by a.attnum)
      from pg_class as guarded
      join pg_attribute as a
        on a.attrelid = guarded.oid and a.attname = 'recorded' and a.atttypid = 'tstzrange'::regtype
      join pg_attribute as r on r.attrelid = guarded.oid and r.attname = 'revision'
     where guarded.relnamespace = 'register'::regnamespace and guarded.relkind = 'r'
     order by guarded.oid::regclass::text;
end;
comment on function register.version_tables is
    'The tables of versions, each with the columns that identify the versioned record.';

create function register.every_version()
    returns table (versions regclass, reference text, version integer, recorded tstzrange,
                   revision bigint, author text, internal boolean)
    language plpgsql stable
as $$
declare
    guarded record;
begin
    for guarded in select t.versions, t.identity from register.version_tables() as t loop
        return query execute format(
            'select %L::regclass, concat_ws('' '', %s), (row ->> ''version'')::integer,
                    v.recorded, v.revision, row ->> ''author'',
                    coalesce(row ->> ''visibility'' = ''internal'', false)
               from %s as v cross join lateral to_jsonb(v) as row',
            guarded.versions,
            (select string_agg(format('v.%I', name), ', ') from unnest(guarded.identity) as name),
            guarded.versions);
    end loop;
end
$$;
comment on function register.every_version is
    'The versions of every record; tables without numbers or authors have nulls there.';

create function register.foreign_keys()
    returns table (subject regclass, near text, target regclass, far text)
    language sql stable
    rows 20
begin atomic
    select k.conrelid::regclass, near.attname::text, k.confrelid::regclass, far.attname::text
      from pg_constraint as k
      join pg_attribute as near on near.attrelid = k.conrelid and near.attnum = k.conkey[1]
      join pg_attribute as far on far.attrelid = k.confrelid and far.attnum = k.confkey[1]
     where k.contype = 'f' and k.connamespace = 'register'::regnamespace
       and cardinality(k.conkey) = 1
     order by k.conrelid::regclass::text, k.conname;
end;
comment on function register.foreign_keys is
    'The foreign keys of the register, of one column each.';

create function register.orphans()
    returns table (subject regclass, reference text, lost_from regclass)
    language plpgsql stable
as $$
declare
    link record;
begin
    for link in select k.* from register.foreign_keys() as k loop
        return query execute format(
            'select distinct %1$L::regclass, n.%2$I::text, %3$L::regclass from %1$s as n
              where n.%2$I is not null
                and not exists (select from %3$s as f where f.%4$I = n.%2$I)',
            link.subject, link.near, link.target, link.far);
    end loop;
end
$$;
comment on function register.orphans is
    'The references to missing rows; foreign keys prevent them unless someone disabled them.';

create function register.identities_without_version()
    returns table (identities regclass, reference text)
    language plpgsql stable
as $$
declare
    link record;
begin
    for link in
        select k.*
          from register.version_tables() as t
          join register.foreign_keys() as k
            on k.subject = t.versions and t.identity = array[k.near]
    loop
        return query execute format(
            'select %1$L::regclass, i.%2$I::text from %1$s as i
              where not exists (select from %3$s as v where v.%4$I = i.%2$I)',
            link.target, link.far, link.subject, link.near);
    end loop;
end
$$;
comment on function register.identities_without_version is
    'The identities without a version, whose content is lost.';

-- Runs as its owner, because its callers cannot read the tables of the service.
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
           format('version %s is in place %s', version.version, version.place)
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
           format('%s began it, and it has no versions', log.author)
      from log
     where log.revision > 0
       and not exists (select
                         from version
                        where version.revision = log.revision
                          and lower(version.recorded) = log.at)

    -- References and identities ---------------------------------------------------------------

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
           format('it is in place %s of its State', numbered.place)
      from (select action.reference, action.number,
                   row_number() over (partition by action.state order by action.number) as place
              from register.action) as numbered
     where numbered.number <> numbered.place

    union all
    select 'request_without_revision', 'service.request_key', request.reference,
           format('revision %s is missing; it recorded the request of %s', request.revision,
                  request.author)
      from service.request_key as request
     where not exists (select from log where log.revision = request.revision)

    -- Guards ----------------------------------------------------------------------------------

    union all
    select 'guard_missing', guarded.guarded::text, guard.name, 'this trigger is not there'
      from (select t.versions as guarded from register.version_tables() as t
             union
            select 'register.period'::regclass
             union
            select k.confrelid::regclass
              from register.version_tables() as t
              join pg_constraint as k on k.contype = 'f' and k.conrelid = t.versions) as guarded
     cross join (values ('reject_change'), ('reject_truncate')) as guard (name)
     where not exists (select
                         from pg_trigger
                        where pg_trigger.tgrelid = guarded.guarded and pg_trigger.tgname = guard.name)

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
comment on function register.audit is
    'The findings of the audit in the history and its guards, with a labelled select for each.';

-- At each moment at which an entry about a State was published or a period of it began or ended,
-- the periods are worked out again from the actions: the entry's timeline and the periods that the
-- register holds must be the same. An entry also begins with what the entry before it ended with.
create function register.audit_published(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with range as materialized (
        select min(log.at) as first_at, max(log.at) as last_at,
               max(log.at) filter (where log.revision = newest.number) as newest_at
          from register.revision_log as log
         cross join register.revision as newest
         where log.revision between first_revision and last_revision
    ),
    published as materialized (
        select c.at, c.number, c.category, c.state, c.before, c.after
          from range
         cross join (values ('status'), ('entry_into_force')) as wanted (category)
         cross join lateral (
                   select one.*
                     from register.change as one
                    where one.category = wanted.category
                      and one.at between range.first_at and range.last_at) as c
    ),
    -- The last entry of each moment; at the newest revision, the newest entry of every State.
    claimed as (
        (select distinct on (published.at, published.category, published.state)
                published.at, published.category, published.state, published.after
           from published
          order by published.at, published.category, published.state, published.number desc)
         union
        select range.newest_at, about.category, about.state, newest.after
          from range
         cross join (
                   select 'status' as category, state.code as state from register.state
                    union all
                   select 'entry_into_force', state.code from register.state
                    union all
                   select 'entry_into_force', null) as about
          left join lateral register.latest_change(
                        about.category, about.state, 'infinity', 0) as newest on true
         where range.newest_at is not null
    ),
    touched as (
        select claimed.at, claimed.state
          from claimed
         where claimed.state is not null
         union
        select bound.at, period.state
          from range
         cross join register.period
         cross join unnest(array[lower(period.recorded), upper(period.recorded)]) as bound (at)
         where bound.at between range.first_at and range.last_at
    ),
    moment as materialized (
        select touched.at, array_agg(touched.state) as states
          from touched
         group by touched.at
    ),
    follows as materialized (
        select moment.at, line.state, line.valid, line as period
          from moment
         cross join lateral register.periods_of(moment.states, moment.at) as line
    ),
    held as materialized (
        select moment.at, line.state, line.valid, line as period
          from moment
         cross join lateral register.periods_at(moment.at) as line
         where line.state = any (moment.states)
    ),
    timeline as materialized (
        select follows.at, follows.state,
               jsonb_build_object('periods', register.timeline_as_json(
                   array_agg(follows.period order by follows.valid))) as content
          from follows
         group by follows.at, follows.state
    ),
    recomputed as (
        select timeline.at, 'status' as category, timeline.state,
               nullif(timeline.content, '{"periods": []}') as content
          from timeline
         union all
        select timeline.at, 'entry_into_force', timeline.state,
               register.entry_as_json(timeline.content)
          from timeline
         union all
        select moment.at, 'entry_into_force', null,
               case when entry.in_force_on is not null
                    then jsonb_build_object('in_force_on', entry.in_force_on,
                                            'consent', entry.reference) end
          from (select distinct claimed.at from claimed) as moment
         cross join lateral register.entry_into_force('infinity', moment.at) as entry
    )
    select 'publication_differs' as finding, 'register.change' as subject,
           coalesce(claimed.state, '144') as reference,
           format('as of %s the feed says of its %s %s; recomputed: %s', claimed.at,
                  claimed.category, claimed.after, recomputed.content) as detail
      from claimed
      join recomputed
        on recomputed.at = claimed.at and recomputed.category = claimed.category
       and recomputed.state is not distinct from claimed.state
     where nullif(claimed.after, '{"periods": []}') is distinct from recomputed.content

    union all
    select 'period_differs', 'register.period', coalesce(held.state, follows.state),
           format('as of %s the register holds %s; recomputed: %s', coalesce(held.at, follows.at),
                  register.period_content(held.period), register.period_content(follows.period))
      from held
      full join follows
        on follows.at = held.at and follows.state = held.state and follows.valid = held.valid
     where register.period_content(held.period)
           is distinct from register.period_content(follows.period)

    union all
    select 'publications_gap', 'register.change', coalesce(published.state, '144'),
           format('entry %s of %s continues from %s; the entry before ended with %s',
                  published.number, published.at, published.before, earlier.after)
      from published
      left join lateral register.latest_change(published.category, published.state, published.at,
                                               published.number) as earlier on true
     where published.before is distinct from earlier.after

    order by 3, 1, 4;
end;
comment on function register.audit_published is
    'The findings of the audit in what follows from the actions: the entries and periods of a range '
    'of revisions that differ from a recomputation.';

commit;
