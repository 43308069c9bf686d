-- The chain of digests. Each revision has a digest of what it recorded and of the digest before, so
-- a digest that somebody kept proves later that no revision up to it was changed:
--
--   digest    = SHA-256(content)         each of them in its canonical form (RFC 8785)
--   content   = {revision, recorded_at, author, reason, recorded, internal, previous}
--   recorded  = SHA-256({versions, changes})
--   internal  = SHA-256({salt, tokens, reason, versions, changes, changesets, proposals, imports})
--
-- The digests alone are stored. Readers and the audit recompute the content from the tables.
--
-- Everybody may read the content and what is recorded. What is internal (outlook entries, notes, and
-- the reason for which a record was shown or hidden) is in the chain as a digest; its random salt keeps
-- readers from guessing whether there is any. The reports of imports are for who made them, and are
-- there as digests. The trace of a change (W3C Trace Context) is in no digest: it links a delivery
-- with the traces of the operator, records nothing, and no reader sees it.
--
-- A digest is computed once, when the transaction commits, for every writer. Nothing of it is in
-- the functions that write.
begin;
set local role ets144_owner;

-- Tokens ---------------------------------------------------------------------------------------

-- What happened to each access token. `digest` covers the other columns and the digest before. It
-- names the newest revision of its time, as each revision names the newest event of its time, so
-- neither can be shortened behind the other.
create table service.access_token_log (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    event text not null check (event in ('created', 'rotated', 'renewed', 'revoked', 'changed',
                                         'deleted')),
    name text not null,
    author text,
    token_digest bytea not null,
    previous_digest bytea,
    previous_until timestamptz,
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    revision bigint not null,
    digest bytea not null
);
comment on column service.access_token_log.event is
    'Rotated: a new digest. Renewed: with it another end, or a revoked token is valid again. The '
    'functions of this schema neither change nor delete a token in any other way';
comment on column service.access_token_log.author is
    'Who did it over HTTP; null: the administrator''s command';

call register.make_append_only('service.access_token_log');

create table register.revision_digest (
    revision bigint primary key references register.revision_log,
    salt bytea not null check (length(salt) = 32),
    tokens bytea,
    recorded_digest bytea not null check (length(recorded_digest) = 32),
    internal_digest bytea not null check (length(internal_digest) = 32),
    digest bytea not null unique check (length(digest) = 32)
);
comment on column register.revision_digest.tokens is
    'The digest of the newest event in service.access_token_log then; null: there was no event';

call register.make_append_only('register.revision_digest');

create function service.token_event_digest(event service.access_token_log) returns bytea
    language plpgsql stable
as $$
begin
    return (
        select register.json_digest(jsonb_build_object(
                   'number', event.number, 'at', register.utc_text(event.at), 'event', event.event,
                   'name', event.name, 'author', event.author,
                   'token_digest', encode(event.token_digest, 'hex'),
                   'previous_digest', encode(event.previous_digest, 'hex'),
                   'previous_until', register.utc_text(event.previous_until),
                   'scopes', to_jsonb(event.scopes),
                   'created_at', register.utc_text(event.created_at),
                   'expires_at', register.utc_text(event.expires_at),
                   'revoked_at', register.utc_text(event.revoked_at),
                   'revision', event.revision,
                   'revision_digest', (select encode(d.digest, 'hex')
                                         from register.revision_digest as d
                                        where d.revision = event.revision),
                   'previous', (select encode(earlier.digest, 'hex')
                                  from service.access_token_log as earlier
                                 where earlier.number = event.number - 1))));
end
$$;
comment on function service.token_event_digest is
    'The digest of an event of a token, over the event before and the newest revision of its time.';

create function service.log_token_event() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    token constant service.access_token := case when tg_op = 'DELETE' then old else new end;
    event service.access_token_log%rowtype;
    replaced constant text[] := '{digest,previous_digest,previous_until,rotated_at}';
begin
    event.number := (select coalesce(max(l.number), 0) + 1 from service.access_token_log as l);
    event.at := clock_timestamp();
    event.event := case when tg_op = 'INSERT' then 'created'
                        when tg_op = 'DELETE' then 'deleted'
                        when old.revoked_at is null and new.revoked_at is not null
                             and to_jsonb(old) - 'revoked_at' = to_jsonb(new) - 'revoked_at'
                            then 'revoked'
                        when old.digest = new.digest
                             or to_jsonb(old) - replaced - '{expires_at,revoked_at}'::text[]
                                <> to_jsonb(new) - replaced - '{expires_at,revoked_at}'::text[]
                            then 'changed'
                        when to_jsonb(old) - replaced = to_jsonb(new) - replaced then 'rotated'
                        else 'renewed' end;
    event.name := token.name;
    event.author := (select mine.author
                       from register.open_write as mine
                      where mine.transaction = pg_current_xact_id());
    event.token_digest := token.digest;
    event.previous_digest := token.previous_digest;
    event.previous_until := token.previous_until;
    event.scopes := token.scopes;
    event.created_at := token.created_at;
    event.expires_at := token.expires_at;
    event.revoked_at := token.revoked_at;
    event.revision := (select max(d.revision) from register.revision_digest as d);
    event.digest := service.token_event_digest(event);
    insert into service.access_token_log select event.*;
    return null;
end
$$;
comment on function service.log_token_event is
    'Trigger function: logs what happens to an access token.';

-- Before the row of a token is locked, so that two administrators cannot wait for each other.
create function service.lock_token_log() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    lock table service.access_token_log in share update exclusive mode;
    return null;
end
$$;
comment on function service.lock_token_log is
    'Trigger function: events of access tokens are logged by a transaction at a time.';

create trigger lock_token_log before insert or update or delete on service.access_token
    for each statement execute function service.lock_token_log();
create trigger log_token_event after insert or update or delete on service.access_token
    for each row execute function service.log_token_event();
create trigger reject_truncate before truncate on service.access_token
    for each statement execute function register.reject_any_change();

-- What a revision recorded ---------------------------------------------------------------------

-- Columns without a value are left out, so that a column that is added later changes no digest.
create function register.version_item(record text, version jsonb) returns jsonb
    language sql stable
    return jsonb_strip_nulls(version - 'recorded') || jsonb_build_object('record', record);
comment on function register.version_item is
    'A version as the chain has it: its columns, and which kind of record it is of.';

-- The reason of a version that follows an internal version is internal.
create function register.revision_versions(number bigint)
    returns table (place bigint, item jsonb)
    language plpgsql stable
as $$
begin
    return query
        with log as materialized (
            select l.at from register.revision_log as l where l.revision = revision_versions.number
        ),
        version as (
            select 'state' as record, to_jsonb(v) as content, v.reference, v.version
              from log
              join register.state_version as v on lower(v.recorded) = log.at
             union all
            select 'membership', to_jsonb(v), v.reference, v.version
              from log
              join register.membership_version as v on lower(v.recorded) = log.at
             union all
            select 'action', to_jsonb(v), v.reference, v.version
              from log
              join register.action_version as v on lower(v.recorded) = log.at
             union all
            select v.type,
                   v.content || jsonb_build_object('state', v.state, 'version', v.public_version)
                   || case when old.visibility = 'internal' then '{"reason": null}'::jsonb
                           else '{}' end,
                   v.reference, v.version
              from log
              join register.record_version as v
                on lower(v.recorded) = log.at and v.visibility = 'public'
              left join register.record_version as old
                on old.type = v.type and old.reference = v.reference
               and old.version = v.version - 1
        )
        select row_number() over (order by version.record, version.reference collate "C",
                                           version.version),
               register.version_item(version.record, version.content)
          from version;
end
$$;
comment on function register.revision_versions is
    'The versions that a revision recorded, without what is internal, in their order.';

create function register.change_item(change register.change) returns jsonb
    language sql stable
    return jsonb_build_object(
        'id', change.id, 'category', change.category, 'event', change.event,
        'state', change.state, 'reference', change.reference, 'version', change.version,
        'before', change.before, 'after', change.after, 'reason', change.reason,
        'author', change.author);
comment on function register.change_item is
    'An entry of the change feed as the chain has it.';

create function register.revision_changes(number bigint)
    returns table (place bigint, item jsonb)
    language plpgsql stable
as $$
begin
    return query
        select row_number() over (order by change.number), register.change_item(change)
          from register.change
         where change.at = register.revision_time(revision_changes.number)
           and change.audience <> 'internal';
end
$$;
comment on function register.revision_changes is
    'The entries of the change feed that a revision recorded, without what is internal, in their '
    'order.';

-- The items are made canonical each for itself: an import of ten thousand actions is too large to
-- be handled as a whole.
create function register.revision_recorded(number bigint) returns text
    language plpgsql stable
as $$
begin
    return (
        select format('{"changes":[%s],"versions":[%s]}',
                      (select string_agg(register.canonical_json(entry.item), ','
                                         order by entry.place)
                         from register.revision_changes(number) as entry),
                      (select string_agg(register.canonical_json(version.item), ','
                                         order by version.place)
                         from register.revision_versions(number) as version)));
end
$$;
comment on function register.revision_recorded is
    'What a revision recorded, without what is internal, in canonical JSON.';

create function register.revision_page(number bigint, after_place bigint, most integer)
    returns table (recorded jsonb, next_place bigint)
    language plpgsql stable
as $$
begin
    return query
        with item as materialized (
            select 'versions' as member, version.place, version.item
              from register.revision_versions(number) as version
             union all
            select 'changes', entry.place, entry.item
              from register.revision_changes(number) as entry
        ),
        placed as materialized (
            select item.member, item.item,
                   row_number() over (order by item.member desc, item.place) as place,
                   count(*) over () as count
              from item
        ),
        page as materialized (
            select placed.*
              from placed
             where placed.place > after_place and placed.place <= after_place + most
        )
        select jsonb_build_object(
                   'versions', coalesce(jsonb_agg(page.item order by page.place)
                                            filter (where page.member = 'versions'), '[]'),
                   'changes', coalesce(jsonb_agg(page.item order by page.place)
                                           filter (where page.member = 'changes'), '[]')),
               case when max(page.count) > max(page.place) then max(page.place) end
          from page;
end
$$;
comment on function register.revision_page is
    'A part of what a revision recorded: up to so many items after a place, the versions before the '
    'entries; and the place of the last one, if more follow.';

-- Imports --------------------------------------------------------------------------------------

-- The digest of the report of each import. Each is also in the next revision: that of the import, or,
-- if the import entered nothing, the revision after it.
create table register.import_digest (
    import text primary key references register.import,
    digest bytea not null check (length(digest) = 32)
);

call register.make_append_only('register.import_digest');

create function register.import_digest_of(reference text) returns bytea
    language plpgsql stable
as $$
begin
    return (
        select register.json_digest(jsonb_build_object(
                   'reference', import.reference, 'at', register.utc_text(import.at),
                   'as_of', import.as_of, 'author', import.author,
                   'digest', encode(import.digest, 'hex'),
                   'revision_before', import.revision_before, 'revision', import.revision,
                   'rows', (select encode(sha256(convert_to(coalesce(
                                       string_agg(format('%s %s %s', entry.line, entry.reference,
                                                         entry.entered), E'\n'
                                                  order by entry.line), ''), 'UTF8')), 'hex')
                              from register.import_row as entry
                             where entry.import = import.reference)))
          from register.import
         where import.reference = import_digest_of.reference);
end
$$;
comment on function register.import_digest_of is
    'The digest of the report of an import, computed from what the tables have now.';

-- The rows of an import are inserted by a single statement; rows that come later have no place.
create function register.digest_import() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    insert into register.import_digest (import, digest)
    select entered.import, register.import_digest_of(entered.import)
      from (select distinct row.import from imported as row) as entered;
    return null;
end
$$;
comment on function register.digest_import is
    'Trigger function: computes the digest of the report of an import.';

create trigger digest_import after insert on register.import_row
    referencing new table as imported
    for each statement execute function register.digest_import();

create function register.revision_imports(number bigint) returns jsonb
    language plpgsql stable
as $$
begin
    return (
        select coalesce(jsonb_agg(jsonb_build_object('reference', import.reference,
                                                     'digest', encode(held.digest, 'hex'))
                                  order by import.reference), '[]')
          from register.import
          left join register.import_digest as held on held.import = import.reference
         where import.revision in (number, number - 1)
           and (import.revision = number) = (import.revision_before < import.revision));
end
$$;
comment on function register.revision_imports is
    'The digests of the imports that a revision covers: its own, and those after the revision '
    'before that entered nothing.';

-- Internal changes ------------------------------------------------------------------------------

create function register.changeset_item(changeset register.changeset) returns jsonb
    language plpgsql stable
as $$
begin
    return to_jsonb(changeset)
           || jsonb_build_object(
                  'at', register.utc_text(changeset.at),
                  'operations', (select encode(sha256(convert_to(
                                            string_agg(format('%s %s %s %s %s %s %s %s', done.place,
                                                              done.op, done.type, done.reference,
                                                              done.version, done.state, done.changed,
                                                              done.internal), E'\n'
                                                       order by done.place), 'UTF8')), 'hex')
                                   from register.changeset_operation as done
                                  where done.changeset = changeset.reference));
end
$$;
comment on function register.changeset_item is
    'A changeset as the chain has it: its columns, and a digest of its operations.';

create function register.internal_recorded(after_at timestamptz, until_at timestamptz)
    returns jsonb
    language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
                   'versions',
                   (select coalesce(jsonb_agg(
                               register.version_item(
                                   v.type,
                                   v.content || jsonb_build_object(
                                       'state', v.state,
                                       'recorded_at', register.utc_text(lower(v.recorded))))
                               order by lower(v.recorded), v.reference collate "C",
                                        v.version), '[]')
                      from register.record_version as v
                      left join register.record_version as old
                        on old.type = v.type and old.reference = v.reference
                       and old.version = v.version - 1
                     where lower(v.recorded) > after_at and lower(v.recorded) <= until_at
                       and 'internal' in (v.visibility, old.visibility)),
                   'changes',
                   (select coalesce(jsonb_agg(
                               register.change_item(change) || jsonb_build_object(
                                   'audience', change.audience,
                                   'recorded_at', register.utc_text(change.at))
                               order by change.at, change.number), '[]')
                      from register.change
                     where change.at > after_at and change.at <= until_at
                       and change.audience <> 'everyone'),
                   'changesets',
                   (select coalesce(jsonb_agg(register.changeset_item(changeset)
                                              order by changeset.reference), '[]')
                      from register.changeset
                     where changeset.at > after_at and changeset.at <= until_at),
                   'proposals', encode(register.proposals_at(until_at), 'hex')));
end
$$;
comment on function register.internal_recorded is
    'The internal versions and entries, and the changesets, recorded after after_at, until until_at.';

-- The reason of a revision that shows an internal entry, or hides a public one, is internal.
create function register.reason_is_internal(number bigint) returns boolean
    language plpgsql stable
as $$
begin
    return (
        select exists (select
                         from register.change
                        where change.at = register.revision_time(reason_is_internal.number)
                          and change.audience = 'public'));
end
$$;
comment on function register.reason_is_internal is
    'Whether only the secretariat sees the reason of a revision.';

create function register.revision_internal(number bigint, salt bytea, tokens bytea) returns jsonb
    language plpgsql stable
as $$
begin
    return (
        select register.internal_recorded(
                   coalesce(register.revision_time(revision_internal.number - 1), '-infinity'),
                   log.at)
               || jsonb_build_object(
                      'salt', encode(salt, 'hex'), 'tokens', encode(tokens, 'hex'),
                      'reason', case when register.reason_is_internal(log.revision)
                                     then log.reason end,
                      'imports', register.revision_imports(log.revision))
          from register.revision_log as log
         where log.revision = revision_internal.number);
end
$$;
comment on function register.revision_internal is
    'What is internal of a revision, and of the time since the revision before.';

-- The chain -------------------------------------------------------------------------------------

create function register.revision_content(
    number bigint, recorded_digest bytea, internal_digest bytea)
    returns jsonb
    language plpgsql stable
as $$
begin
    return (
        select jsonb_build_object(
                   'revision', log.revision, 'recorded_at', register.utc_text(log.at),
                   'author', log.author,
                   'reason', case when not register.reason_is_internal(log.revision)
                                  then log.reason end,
                   'recorded', encode(recorded_digest, 'hex'),
                   'internal', encode(internal_digest, 'hex'),
                   'previous', (select encode(earlier.digest, 'hex')
                                  from register.revision_digest as earlier
                                 where earlier.revision = log.revision - 1))
          from register.revision_log as log
         where log.revision = revision_content.number);
end
$$;
comment on function register.revision_content is
    'What the digest of a revision is of.';

create function register.revision_digests(number bigint, salt bytea, tokens bytea)
    returns register.revision_digest
    language plpgsql stable
as $$
declare
    made register.revision_digest%rowtype;
begin
    made.revision := number;
    made.salt := salt;
    made.tokens := tokens;
    made.recorded_digest := sha256(convert_to(register.revision_recorded(number), 'UTF8'));
    made.internal_digest := register.json_digest(register.revision_internal(number, salt, tokens));
    made.digest := register.json_digest(
        register.revision_content(number, made.recorded_digest, made.internal_digest));
    return made;
end
$$;
comment on function register.revision_digests is
    'The digests of a revision, computed from what the tables have now.';

-- The digest of each internal change that no revision covers yet: over the internal change before
-- and the newest revision of its time.
create table register.internal_digest (
    at timestamptz primary key,
    revision bigint not null references register.revision_log,
    digest bytea not null check (length(digest) = 32)
);

call register.make_append_only('register.internal_digest');

create function register.internal_content(at timestamptz, revision bigint) returns jsonb
    language plpgsql stable
as $$
begin
    return (
        select register.internal_recorded(internal_content.at - interval '1 microsecond',
                                          internal_content.at)
               || jsonb_build_object(
                      'recorded_at', register.utc_text(internal_content.at),
                      'revision', internal_content.revision,
                      'revision_digest', (select encode(d.digest, 'hex')
                                            from register.revision_digest as d
                                           where d.revision = internal_content.revision),
                      'previous', (select encode(earlier.digest, 'hex')
                                     from register.internal_digest as earlier
                                    where earlier.at < internal_content.at
                                    order by earlier.at desc
                                    limit 1)));
end
$$;
comment on function register.internal_content is
    'What the digest of an internal change is of.';

-- Nothing is recorded under a revision whose digest is there, so it must not come too early: SET
-- CONSTRAINTS could ask for it in the midst of a transaction.
create function register.digest_revision() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    salt constant bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    tokens constant bytea := (select l.digest from service.access_token_log as l
                               order by l.number desc limit 1);
begin
    if not exists (select from register.action_version as v where lower(v.recorded) = new.at)
       and not exists (select from register.record_version as v where lower(v.recorded) = new.at)
       and not exists (select from register.state_version as v where lower(v.recorded) = new.at)
       and not exists (select from register.membership_version as v
                        where lower(v.recorded) = new.at) then
        raise exception 'Revision % has recorded nothing yet.', new.revision
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'The digest of a revision is computed when its transaction commits.';
    end if;
    insert into register.revision_digest
    select made.* from register.revision_digests(new.revision, salt, tokens) as made;
    return null;
end
$$;
comment on function register.digest_revision is
    'Trigger function: computes the digest of a revision, when its transaction commits.';

create constraint trigger digest_revision after insert on register.revision_log
    deferrable initially deferred
    for each row execute function register.digest_revision();

create function register.digest_internal_change() returns trigger
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from register.change as c where c.at = lower(new.recorded)) then
        raise exception 'The change of % is not logged yet.', new.reference
            using errcode = 'object_not_in_prerequisite_state',
                  hint = 'The digest of an internal change is computed when its transaction commits.';
    end if;
    insert into register.internal_digest (at, revision, digest)
    select lower(new.recorded), new.revision,
           register.json_digest(register.internal_content(lower(new.recorded), new.revision))
     where not exists (select from register.revision_log as l where l.at = lower(new.recorded))
    on conflict do nothing;
    return null;
end
$$;
comment on function register.digest_internal_change is
    'Trigger function: computes the digest of an internal change, when its transaction commits.';

create constraint trigger digest_internal_change after insert on register.outlook_version
    deferrable initially deferred
    for each row when (new.visibility = 'internal')
    execute function register.digest_internal_change();
create constraint trigger digest_internal_change after insert on register.note_version
    deferrable initially deferred
    for each row when (new.visibility = 'internal')
    execute function register.digest_internal_change();

-- The empty register is the first link.
insert into register.revision_digest
select first.*
  from register.revision_digests(
           0, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), null) as first;

commit;
