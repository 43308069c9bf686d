-- The revision: a row that every writer locks first. Writers queue, so revisions are in commit
-- order, and a moment of knowledge is always the time of a revision.
begin;
set local role ets144_owner;

-- opened_in: the transaction that opened the newest revision, which alone writes under it.
create table register.revision (
    one boolean primary key default true check (one),
    number bigint not null,
    at timestamptz not null,
    opened_in xid8
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

-- Writers queue at the lock of this empty table, which only its owner may lock. The queue is fair;
-- the row of the revision is not: each write makes a new version of it, and a writer that arrives
-- then overtakes those that wait for the old version.
create table register.write_queue ();

create function register.write_lock() returns bigint
    language plpgsql volatile
as $$
begin
    lock table register.write_queue in share update exclusive mode;
    return (select r.number from register.revision as r);
end
$$;
comment on function register.write_lock is
    'Waits for the writers before, and holds off later writers until this transaction ends.';

-- A write of the service: whose it is, the idempotency key that it claims, and the reference of what it
-- has written. A row lives for its transaction only.
create table register.open_write (
    transaction xid8 primary key default pg_catalog.pg_current_xact_id(),
    author text not null,
    key text,
    body_digest bytea,
    revision_before bigint,
    internal boolean not null default false,
    reference text,
    trace text check (trace ~ '^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$'),
    unique (author, key)
);

create function register.close_write() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from register.open_write as w where w.transaction = new.transaction;
    return null;
end
$$;
comment on function register.close_write is
    'Trigger function: deletes the row of an open write when its transaction ends.';

create constraint trigger close_write
    after insert on register.open_write
    deferrable initially deferred
    for each row execute function register.close_write();

create function register.current_trace() returns text
    language sql stable
begin atomic
    select w.trace
      from register.open_write as w
     where w.transaction = pg_catalog.pg_current_xact_id_if_assigned();
end;
comment on function register.current_trace is
    'The trace (W3C Trace Context) of this transaction''s open write; null: none.';

-- A write and the reads of what it wrote are sent to the database at once, before the reference of a
-- new record is known.
create function register.written_reference(asked text) returns text
    language sql stable
begin atomic
    select case when asked = '*'
                then (select w.reference
                        from register.open_write as w
                       where w.transaction = pg_catalog.pg_current_xact_id_if_assigned())
                else asked end;
end;
comment on function register.written_reference is
    'The reference asked for; for "*" that of the record which this transaction''s open write wrote.';

-- A notification has no content: listeners then query the newest revision, since every role can
-- send notifications. A role that may connect can also fill their queue, and a write that finds the
-- queue full fails.
create function register.notify_listeners(channel text) returns void
    language plpgsql volatile
as $$
begin
    if pg_catalog.pg_notification_queue_usage() < 0.5 then
        perform pg_catalog.pg_notify(channel, '');
    end if;
end
$$;
comment on function register.notify_listeners is
    'Notifies the listeners of a channel when the transaction commits, unless the queue is half '
    'full; then they find the news by asking.';

create function register.open_revision(author text, reason text) returns bigint
    language plpgsql volatile
as $$
declare
    opened register.revision%rowtype;
begin
    perform register.write_lock();
    -- The clock may have been set back; revisions still grow in time.
    update register.revision as r
       set number = r.number + 1,
           at = greatest(pg_catalog.clock_timestamp(), r.at + interval '1 microsecond'),
           opened_in = pg_catalog.pg_current_xact_id()
    returning r.* into opened;
    insert into register.revision_log (revision, at, author, reason)
    values (opened.number, opened.at, open_revision.author, open_revision.reason);
    perform register.notify_listeners('ets144_revision');
    return opened.number;
end
$$;
comment on function register.open_revision is
    'Opens the next revision, which this transaction writes under.';

-- The time is compared as well, because a restored backup may be in a cluster that has not reached
-- the number of the transaction yet.
create function register.begin_revision(author text, reason text) returns bigint
    language plpgsql volatile
as $$
declare
    mine bigint;
begin
    perform register.write_lock();
    select r.number into mine
      from register.revision as r
      join register.revision_log as log on log.revision = r.number
     where r.opened_in = pg_catalog.pg_current_xact_id() and r.at >= pg_catalog.now()
       and log.author = begin_revision.author;
    return coalesce(mine, register.open_revision(author, reason));
end
$$;
comment on function register.begin_revision is
    'The revision that this transaction opened for the author; otherwise opens the next.';

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
    rows 1
begin atomic
    select coalesce(resolve_moment.as_of, register.today()),
           case when resolve_moment.internal
                then coalesce(resolve_moment.known_at,
                              (select newest.at from register.revision as newest))
                else log.at end,
           log.revision,
           coalesce(resolve_moment.as_of > register.today(), false)
      from register.revision_log as log
     where log.at <= case when resolve_moment.known_at is null then 'infinity'
                          else greatest(resolve_moment.known_at,
                                        (select first.at
                                           from register.revision_log as first
                                          where first.revision = 0)) end
     order by log.at desc
     limit 1;
end;
comment on function register.resolve_moment is
    'The moment that an answer is for: its legal day, its knowledge time and its revision.';

commit;
