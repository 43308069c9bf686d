-- The revision: a row that every writer locks first. Writers queue, so revisions are in commit
-- order, and a moment of knowledge is always the time of a revision.
begin;
set local role ets144_owner;

create table register.revision (
    one boolean primary key default true check (one),
    number bigint not null,
    at timestamptz not null
);

create table register.revision_log (
    revision bigint primary key,
    at timestamptz not null unique,
    author text not null,
    reason text
);

with first as (
    insert into register.revision (number, at) values (0, pg_catalog.clock_timestamp())
    returning number, at
)
insert into register.revision_log (revision, at, author, reason)
select first.number, first.at, 'deployment', 'The empty register.'
  from first;

create function register.today() returns date
    language sql stable parallel safe
    return (pg_catalog.now() at time zone 'UTC')::date;
comment on function register.today is
    'The day of the register, which counts days in UTC.';

-- Writers queue at the advisory lock, which is fair. The row alone is not: each write makes a new
-- version of it, and a writer that arrives then overtakes those that wait for the old version.
create function register.write_lock() returns bigint
    language sql volatile
begin atomic
    select pg_catalog.pg_advisory_xact_lock(
               pg_catalog.hashtextextended('register.revision', 144));
    select revision.number from register.revision for update;
end;
comment on function register.write_lock is
    'Waits for the writers before, and holds off later writers until this transaction ends.';

create function register.begin_revision(author text, reason text) returns bigint
    language plpgsql volatile
as $$
declare
    mine constant text := pg_catalog.current_setting('register.revision', true);
    opened register.revision%rowtype;
begin
    perform register.write_lock();
    select r.* into opened from register.revision as r;
    if mine = opened.number::text || ' ' || pg_catalog.pg_current_xact_id()::text then
        return opened.number;
    end if;
    -- The clock may have been set back; revisions still grow in time.
    update register.revision
       set number = opened.number + 1,
           at = greatest(pg_catalog.clock_timestamp(), opened.at + interval '1 microsecond')
    returning * into opened;
    insert into register.revision_log (revision, at, author, reason)
    values (opened.number, opened.at, begin_revision.author, begin_revision.reason);
    perform pg_catalog.set_config(
        'register.revision',
        opened.number::text || ' ' || pg_catalog.pg_current_xact_id()::text, true);
    perform pg_catalog.pg_notify('ets144_revision', opened.number::text);
    return opened.number;
end
$$;
comment on function register.begin_revision is
    'Begins the revision that this transaction writes under, or answers the one already begun.';

create function register.revision_time(number bigint) returns timestamptz
    language sql stable
begin atomic
    select log.at from register.revision_log as log where log.revision = revision_time.number;
end;
comment on function register.revision_time is
    'The time of a revision.';

create function register.internal_change_time() returns timestamptz
    language plpgsql volatile
as $$
declare
    since timestamptz;
begin
    perform register.write_lock();
    update register.revision as r
       set at = greatest(pg_catalog.clock_timestamp(), r.at + interval '1 microsecond')
    returning r.at into since;
    return since;
end
$$;
comment on function register.internal_change_time is
    'The time of a change that only the secretariat may see; it makes no revision and sends no '
    'notification, so public answers and their tags stay the same.';

-- Knowledge time resolves to the newest revision of that time (before the first revision, to the
-- first), so that the same question has the same answer later, byte for byte. A caller who may see
-- internal changes gets the very moment asked for.
create function register.resolve_moment(
    as_of date, known_at timestamptz, internal boolean default false)
    returns table (as_of date, known_at timestamptz, revision bigint, projected boolean)
    language sql stable
begin atomic
    select coalesce(resolve_moment.as_of, register.today()),
           case when resolve_moment.internal then coalesce(resolve_moment.known_at, newest.at)
                else log.at end,
           log.revision,
           coalesce(resolve_moment.as_of > register.today(), false)
      from register.revision as newest
      join register.revision_log as log
        on log.at = coalesce((select max(l.at)
                                from register.revision_log as l
                               where l.at <= coalesce(resolve_moment.known_at, 'infinity')),
                             (select min(l.at) from register.revision_log as l));
end;
comment on function register.resolve_moment is
    'The moment that an answer is for: its legal day, its knowledge time and its revision.';

commit;
