-- The audit: checks that the history is what the functions of this schema write, that the guards
-- are in place, that the register is lawful, and that the change feed published what follows from
-- the actions. It finds manual changes to the tables, disk faults and bad restores. These functions
-- are in the database that they look at: `ets144 check` first compares them, and every other object,
-- with what it was built with (service/commands/schema_objects.tsv).
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
    select 'memberships_not_numbered', 'register.membership', numbered.reference,
           format('it is in place %s of its State', numbered.place)
      from (select membership.reference, membership.number,
                   row_number() over (partition by membership.state order by membership.number)
                       as place
              from register.membership) as numbered
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

create function register.status_content(version register.action_version) returns jsonb
    language sql immutable
    return case when register.affects_status(version.kind) then
               to_jsonb(version)
               - array['version', 'recorded', 'revision', 'author', 'reason', 'articles',
                       'summary_en', 'summary_fr', 'vehicle_en', 'vehicle_fr', 'original_language']
           end;
comment on function register.status_content is
    'The content of a version as far as it can move periods; null: no version, or of a kind that '
    'moves none.';

-- At each moment at which an entry about a State was published, an action of it changed in what can
-- move a period, or a period of it began or ended, the periods are worked out again from the actions:
-- the entry's timeline and the periods that the register holds must be the same. Between two of these
-- moments neither changes. An entry also begins with what the entry before it ended with.
create function register.audit_published(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with range as materialized (
        select min(log.at) as first_at,
               coalesce((select next.at
                           from register.revision_log as next
                          where next.revision > last_revision
                          order by next.revision
                          limit 1), 'infinity')
               - interval '1 microsecond' as last_at,
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
                   select 'entry_into_force' as category, state.code as state from register.state
                    union all
                   select 'entry_into_force' as category, null::text as state) as about
          left join lateral register.latest_change(
                        about.category, about.state, 'infinity', 0) as newest on true
         where range.newest_at is not null
    ),
    touched as (
        select claimed.at, claimed.state
          from claimed
         where claimed.state is not null
         union
        select lower(v.recorded) as at, action.state
          from range
          join register.action_version as v
            on lower(v.recorded) between range.first_at and range.last_at
          join register.action on action.reference = v.reference
          left join register.action_version as old
            on old.reference = v.reference and old.version = v.version - 1
         where register.status_content(old) is distinct from register.status_content(v)
         union
        select lower(period.recorded) as at, period.state
          from range
          join register.period on lower(period.recorded) between range.first_at and range.last_at
         union
        select upper(period.recorded) as at, period.state
          from range
          join register.period
            on upper(period.recorded) >= range.first_at
           and upper(period.recorded) <= range.last_at
           and not upper_inf(period.recorded)
         union
        select bound.at, held.state
          from range
         cross join (
                   select version.reference as state, version.recorded
                     from register.state_version as version
                    union all
                   select split_part(version.reference, '-', 1) as state, version.recorded
                     from register.membership_version as version
               ) as held
         cross join unnest(array[lower(held.recorded), upper(held.recorded)]) as bound (at)
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
        select touched.at, touched.state,
               jsonb_build_object('periods', register.timeline_as_json(
                   array_agg(follows.period order by follows.valid)
                       filter (where follows.state is not null))) as content
          from touched
          left join follows on follows.at = touched.at and follows.state = touched.state
         group by touched.at, touched.state
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

-- The chain of digests ---------------------------------------------------------------------------

create function register.audit_chain(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with link as materialized (
        select coalesce(log.revision, (held).revision) as revision, log.at, held,
               register.revision_digests(log.revision, (held).salt, (held).tokens) as made
          from (select l.*
                  from register.revision_log as l
                 where l.revision between first_revision and last_revision) as log
          full join (select d as held
                       from register.revision_digest as d
                      where d.revision between first_revision and last_revision) as digests
            on (held).revision = log.revision
    )
    select 'digest_missing' as finding, 'register.revision_digest' as subject,
           link.revision::text as reference, 'this revision has no digest' as detail
      from link
     where (link.held).digest is null

    union all
    select 'digest_without_revision', 'register.revision_digest', link.revision::text,
           format('%s is the digest of a revision that is missing',
                  encode((link.held).digest, 'hex'))
      from link
     where link.at is null

    union all
    select 'digest_differs', 'register.revision_digest', link.revision::text,
           format('its %s: %s when it was recorded; recomputed: %s', part.name,
                  encode(part.held, 'hex'), encode(part.made, 'hex'))
      from link
     cross join lateral (
               values ('versions and changes', (link.held).recorded_digest,
                       (link.made).recorded_digest),
                      ('internal part', (link.held).internal_digest,
                       (link.made).internal_digest),
                      ('content', (link.held).digest,
                       register.json_digest(register.revision_content(
                           link.revision, (link.held).recorded_digest,
                           (link.held).internal_digest)))
           ) as part (name, held, made)
     where part.held <> part.made

    order by 3, 1;
end;
comment on function register.audit_chain is
    'The findings of the audit in the digests of a range of revisions: what a revision recorded '
    'was changed since.';

create function register.audit_internal_chain()
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with link as materialized (
        select held.at, held.digest,
               register.json_digest(register.internal_content(held.at, held.revision))
                   as recomputed
          from register.internal_digest as held
    )
    select 'digest_differs' as finding, 'register.internal_digest' as subject,
           register.utc_text(link.at) as reference,
           format('%s when it was recorded; recomputed: %s', encode(link.digest, 'hex'),
                  encode(link.recomputed, 'hex')) as detail
      from link
     where link.digest <> link.recomputed

    union all
    select 'digest_missing', 'register.internal_digest', register.utc_text(lower(v.recorded)),
           format('version %s of %s has no digest', v.version, v.reference)
      from register.record_version as v
     where v.visibility = 'internal'
       and not exists (select from link where link.at = lower(v.recorded))
       and not exists (select from register.revision_log as l where l.at = lower(v.recorded))

    union all
    select 'digest_differs', 'register.import_digest', held.import,
           format('%s when it was imported; recomputed: %s', encode(held.digest, 'hex'),
                  encode(made.digest, 'hex'))
      from register.import_digest as held
     cross join lateral (select register.import_digest_of(held.import) as digest) as made
     where held.digest is distinct from made.digest

    union all
    select 'digest_missing', 'register.import_digest', import.reference,
           'the report of this import has no digest'
      from register.import
     where not exists (select
                         from register.import_digest as held
                        where held.import = import.reference)

    order by 3, 1;
end;
comment on function register.audit_internal_chain is
    'The findings of the audit in the digests of internal changes and of the reports of imports.';

-- Runs as its owner, because its callers cannot read the tokens.
create function register.audit_tokens()
    returns table (finding text, subject text, reference text, detail text)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
begin atomic
    with event as materialized (
        select l.*, service.token_event_digest(l.*) as recomputed,
               lag(l.number) over history as earlier_number,
               lead(l.number) over (partition by l.name order by l.number) is null as is_newest
          from service.access_token_log as l
        window history as (order by l.number)
    )
    select 'token_log_gap' as finding, 'service.access_token_log' as subject,
           event.name as reference,
           format('event %s follows event %s', event.number, coalesce(event.earlier_number, 0))
               as detail
      from event
     where event.number <> coalesce(event.earlier_number, 0) + 1

    union all
    select 'token_log_differs', 'service.access_token_log', event.name,
           format('event %s: %s when it was logged; recomputed: %s', event.number,
                  encode(event.digest, 'hex'), encode(event.recomputed, 'hex'))
      from event
     where event.digest is distinct from event.recomputed

    union all
    -- A revision knows the newest event of its time.
    select 'token_log_gap', 'service.access_token_log', held.revision::text,
           format('the event %s is missing, the newest when this revision was recorded',
                  encode(held.tokens, 'hex'))
      from register.revision_digest as held
     where not exists (select from event where event.digest = held.tokens)
       and held.tokens is not null

    union all
    select 'token_changed', 'service.access_token', event.name,
           format('it was %s in the table, at %s', event.event, register.utc_text(event.at))
      from event
     where event.event in ('changed', 'deleted')

    union all
    select 'token_differs', 'service.access_token', coalesce(token.name, event.name),
           case when token.name is null then 'it is missing, and its log is there'
                when event.name is null then 'it is there without a log'
                else format('logged: scopes %s, expires %s, revoked %s; now: scopes %s, expires '
                            '%s, revoked %s', event.scopes,
                            coalesce(register.utc_text(event.expires_at), 'never'),
                            coalesce(register.utc_text(event.revoked_at), 'never'), token.scopes,
                            coalesce(register.utc_text(token.expires_at), 'never'),
                            coalesce(register.utc_text(token.revoked_at), 'never')) end
      from service.access_token as token
      full join (select e.* from event as e where e.is_newest and e.event <> 'deleted') as event
        on event.name = token.name
     where token.digest is distinct from event.token_digest
        or token.previous_digest is distinct from event.previous_digest
        or token.previous_until is distinct from event.previous_until
        or token.scopes is distinct from event.scopes
        or token.created_at is distinct from event.created_at
        or token.expires_at is distinct from event.expires_at
        or token.revoked_at is distinct from event.revoked_at

    order by 3, 1, 4;
end;
comment on function register.audit_tokens is
    'The findings of the audit in the access tokens: what did not come by the functions for them.';

create function register.audit_proposals()
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with event as materialized (
        select e.number, e.proposal, e.event, e.digest, e.content,
               register.proposal_event_digest(e) as recomputed,
               lag(e.number) over history as earlier_number
          from register.proposal_event as e
        window history as (order by e.number)
    )
    select 'proposal_log_gap' as finding, 'register.proposal_event' as subject,
           event.proposal as reference,
           format('event %s follows event %s', event.number, coalesce(event.earlier_number, 0))
               as detail
      from event
     where event.number <> coalesce(event.earlier_number, 0) + 1

    union all
    select 'proposal_log_differs' as finding, 'register.proposal_event' as subject,
           event.proposal as reference,
           format('event %s: %s when it was logged; recomputed: %s', event.number,
                  encode(event.digest, 'hex'), encode(event.recomputed, 'hex')) as detail
      from event
     where event.digest is distinct from event.recomputed

    union all
    select distinct 'proposal_differs' as finding, 'register.proposal' as subject,
           made.reference as reference,
           case when event.proposal is null then 'it is there without a log'
                else 'it is not as it was logged' end as detail
      from register.proposal as made
      left join event on event.proposal = made.reference and event.event = 'proposed'
     where event.content is distinct from register.proposal_digest(made)

    order by 3, 1, 4;
end;
comment on function register.audit_proposals is
    'The findings of the audit in the proposals and what became of them.';

-- Each version of a record has its entries in the feed, with its content and that of the version
-- before.
create function register.audit_entries(first_revision bigint, last_revision bigint)
    returns table (finding text, subject text, reference text, detail text)
    language sql stable
begin atomic
    with range as materialized (
        select min(log.at) as first_at,
               coalesce((select next.at
                           from register.revision_log as next
                          where next.revision > last_revision
                          order by next.revision
                          limit 1), 'infinity') as end_at
          from register.revision_log as log
         where log.revision between first_revision and last_revision
    ),
    made as (
        select lower(v.recorded) as at, 'everyone' as audience, 'state' as category,
               v.reference as state, null::text as reference, null::integer as version,
               register.state_as_json(old) as before, register.state_as_json(v) as after
          from range
          join register.state_version as v
            on lower(v.recorded) >= range.first_at and lower(v.recorded) < range.end_at
          left join register.state_version as old
            on old.reference = v.reference and old.version = v.version - 1
         union all
        select lower(v.recorded), 'everyone', 'membership', split_part(v.reference, '-', 1),
               v.reference, v.version, register.version_as_json(to_jsonb(old)),
               register.version_as_json(to_jsonb(v))
          from range
          join register.membership_version as v
            on lower(v.recorded) >= range.first_at and lower(v.recorded) < range.end_at
          left join register.membership_version as old
            on old.reference = v.reference and old.version = v.version - 1
         union all
        select lower(v.recorded), 'everyone', category.name, action.state, v.reference, v.version,
               register.version_as_json(to_jsonb(old)), register.version_as_json(to_jsonb(v))
          from range
          join register.action_version as v
            on lower(v.recorded) >= range.first_at and lower(v.recorded) < range.end_at
          join register.action on action.reference = v.reference
          left join register.action_version as old
            on old.reference = v.reference and old.version = v.version - 1
         cross join lateral (
                   select register.change_category(v.kind)
                    union
                   select register.change_category(old.kind)
                    where old.kind is not null
               ) as category (name)
         union all
        select lower(v.recorded), seen.audience, v.type, v.state, v.reference, seen.version,
               seen.before, seen.after
          from range
          join register.record_version as v
            on lower(v.recorded) >= range.first_at and lower(v.recorded) < range.end_at
         cross join lateral register.record_change(v.type, v.reference, v.version) as seen
    ),
    -- A column that was added later has no value in older versions.
    held as (
        select made.at, made.audience, made.category, made.state, made.reference, made.version,
               jsonb_strip_nulls(made.before) as before, jsonb_strip_nulls(made.after) as after
          from made
    ),
    published as (
        select c.at, c.audience, c.category, c.state, c.reference, c.version,
               jsonb_strip_nulls(c.before) as before, jsonb_strip_nulls(c.after) as after
          from range
          join register.change as c
            on c.at >= range.first_at and c.at < range.end_at
           and c.category not in ('status', 'entry_into_force')
    )
    select 'change_missing' as finding, 'register.change' as subject,
           coalesce(missing.reference, missing.state) as reference,
           format('the feed has no such entry of %s (%s, %s): %s', missing.at, missing.category,
                  missing.audience, missing.after) as detail
      from (select held.* from held where held.before is distinct from held.after
            except
            select published.* from published) as missing

    union all
    select 'change_differs', 'register.change', coalesce(extra.reference, extra.state),
           format('no version gives the entry of %s (%s, %s): %s', extra.at, extra.category,
                  extra.audience, extra.after)
      from (select published.* from published
            except
            select held.* from held) as extra

    union all
    select 'change_misplaced', 'register.change', coalesce(placed.reference, placed.state, '144'),
           format('entry %s of %s is in place %s, of revision %s; it names revision %s',
                  placed.number, placed.at, placed.place, placed.of_revision, placed.revision)
      from (select c.at, c.number, c.revision, c.reference, c.state,
                   row_number() over (partition by c.at order by c.number) as place,
                   (select log.revision
                      from register.revision_log as log
                     where log.at <= c.at
                     order by log.at desc
                     limit 1) as of_revision
              from range
              join register.change as c on c.at >= range.first_at and c.at < range.end_at) as placed
     where placed.number <> placed.place or placed.revision <> placed.of_revision

    order by 3, 1, 4;
end;
comment on function register.audit_entries is
    'The findings of the audit in the change feed: entries of a range of revisions that are not '
    'of their versions, and versions without an entry.';

commit;
