-- Tokens and idempotency keys of the HTTP service. No rule of the Convention is here.
begin;
set local role ets144_owner;

-- A token is stored as its SHA-256 digest only. Its name is the author of versions, so a name is
-- never used twice.
create table service.access_token (
    name text primary key check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    digest bytea not null unique check (length(digest) = 32),
    scopes text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

create function service.token_create(
    name text, digest bytea, scopes text[], expires_at timestamptz) returns void
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    insert into service.access_token (name, digest, scopes, expires_at)
    values (token_create.name, token_create.digest, token_create.scopes, token_create.expires_at)
$$;
comment on function service.token_create is
    'Creates an access token.';

create function service.token_list()
    returns table (name text, scopes text[], created_at timestamptz, expires_at timestamptz,
                   revoked_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select token.name, token.scopes, token.created_at, token.expires_at, token.revoked_at
      from service.access_token as token
     order by token.created_at, token.name
$$;
comment on function service.token_list is
    'The access tokens, revoked and expired tokens included, without their digests.';

create function service.token_revoke(name text) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with revoked as (
        update service.access_token as token
           set revoked_at = now()
         where token.name = token_revoke.name and token.revoked_at is null
        returning 1
    )
    select exists (select from revoked)
$$;
comment on function service.token_revoke is
    'Revokes an access token; false: unknown or revoked before.';

create function service.token_rotate(name text, digest bytea) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    with rotated as (
        update service.access_token as token
           set digest = token_rotate.digest
         where token.name = token_rotate.name and token.revoked_at is null
           and (token.expires_at is null or token.expires_at > clock_timestamp())
        returning 1
    )
    select exists (select from rotated)
$$;
comment on function service.token_rotate is
    'Replaces an access token under its name, which keeps its scopes and what belongs to it; '
    'false: unknown, revoked or expired.';

create function service.token_by_digest(digest bytea)
    returns table (name text, scopes text[])
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select token.name, token.scopes
      from service.access_token as token
     where token.digest = token_by_digest.digest and token.revoked_at is null
       and (token.expires_at is null or token.expires_at > clock_timestamp())
$$;
comment on function service.token_by_digest is
    'The valid access token with a digest.';

create function service.token_owns(digest bytea, owner text, administrators text) returns boolean
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select exists (select
                     from service.token_by_digest(token_owns.digest) as caller
                    where caller.name = token_owns.owner
                       or token_owns.administrators = any (caller.scopes))
$$;
comment on function service.token_owns is
    'Whether the valid token with a digest is the owner''s, or has the administrators'' scope.';

-- An idempotency key of a caller, with the result of its request.
create table service.request_key (
    author text not null,
    key text not null,
    digest bytea not null,
    claimed_at timestamptz not null,
    reference text not null,
    revision_before bigint not null,
    revision bigint not null,
    known_at timestamptz not null,
    as_of date not null,
    primary key (author, key)
);
create index request_key_claimed_at on service.request_key (claimed_at);

-- A second write in progress with the same key waits here for the first, but not for long.
create function service.open_write(token_digest bytea, key text, body_digest bytea, trace text)
    returns text
    language plpgsql volatile
    set lock_timeout = '20ms'
as $$
begin
    insert into register.open_write (author, key, body_digest, trace)
    select token.name, open_write.key, open_write.body_digest, open_write.trace
      from service.token_by_digest(token_digest) as token;
    return case when found then 'new' else 'unauthenticated' end;
exception
    when lock_not_available then
        return 'busy';
end
$$;
comment on function service.open_write is
    'Opens this transaction''s write for the author whose token has the digest: new, '
    'unauthenticated, or busy (the author''s first request with the key has not ended).';

-- new: the key was not used within a day, or is null. replay: it was, with the same body; the other
-- columns are what was recorded. mismatch: with another body. busy: its first request has not ended.
-- unauthenticated: the token was revoked or expired after it had been looked up. The row is locked,
-- which makes the transaction write: the answer to a repetition waits for the standbys as the first
-- answer did.
create function service.request_begin(
    token_digest bytea, key text, body_digest bytea, trace text)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    stored service.request_key%rowtype;
    began constant text :=
        service.open_write(token_digest, request_begin.key, body_digest, trace);
begin
    if began = 'new' then
        select k.* into stored
          from service.request_key as k
          join register.open_write as mine on mine.author = k.author and mine.key = k.key
         where mine.transaction = pg_current_xact_id()
           and k.claimed_at > clock_timestamp() - interval '1 day'
           for no key update of k;
    end if;
    return query
        select case when began <> 'new' or stored.key is null then began
                    when stored.digest = request_begin.body_digest then 'replay'
                    else 'mismatch' end,
               stored.reference, stored.revision_before, stored.revision, stored.known_at,
               stored.as_of;
end
$$;
comment on function service.request_begin is
    'Begins a request that changes something: its author by its token, and its idempotency key, '
    'claimed for this transaction or with what its first request recorded.';

-- Begins a write of the register: the outcome is that of service.request_begin(). Only a new request
-- waits for the other writers; then revision_before, known_at and as_of are the moment before the
-- write, and the token is looked at again.
create function service.write_begin(
    token_digest bytea, key text, body_digest bytea, trace text, internal boolean)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    select begun.* into outcome, reference, revision_before, revision, known_at, as_of
      from service.request_begin(token_digest, key, body_digest, trace) as begun;
    if outcome = 'new' then
        revision_before := register.write_lock();
        update register.open_write as mine
           set revision_before = write_begin.revision_before, internal = write_begin.internal
         where mine.transaction = pg_current_xact_id();
        select moment.known_at, moment.as_of into known_at, as_of
          from register.resolve_moment(null, null, internal) as moment;
        if not exists (select from service.token_by_digest(token_digest)) then
            outcome := 'unauthenticated';
        end if;
    end if;
    return next;
end
$$;
comment on function service.write_begin is
    'Begins a write: its author, its idempotency key, its trace, the lock, and a second look at its '
    'token.';

create function service.request_store_result(reference text) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    delete from service.request_key as k
     where k.claimed_at <= clock_timestamp() - interval '1 day';
    insert into service.request_key
        (author, key, digest, claimed_at, reference, revision_before, revision, known_at, as_of)
    select mine.author, mine.key, mine.body_digest, clock_timestamp(),
           request_store_result.reference, coalesce(mine.revision_before, newest.number),
           newest.number,
           -- Only who sees internal changes is told the time of the newest.
           case when mine.internal then newest.at else register.revision_time(newest.number) end,
           register.today()
      from register.open_write as mine
     cross join register.revision as newest
     where mine.transaction = pg_current_xact_id() and mine.key is not null;
end
$$;
comment on function service.request_store_result is
    'Stores the result of this transaction''s write for the idempotency key that it claimed, and '
    'deletes keys older than a day.';

-- Writing -------------------------------------------------------------------------------------
-- The service's ways into the record. The author is that of the open write.

create function service.author() returns text
    language plpgsql stable
as $$
declare
    found text;
begin
    select mine.author into found
      from register.open_write as mine
     where mine.transaction = pg_current_xact_id_if_assigned();
    if found is null then
        raise exception 'This transaction has not begun a write.'
            using errcode = 'insufficient_privilege',
                  hint = 'service.write_begin() begins a write, with a token.';
    end if;
    return found;
end
$$;
comment on function service.author is
    'The author of this transaction''s open write; without an open write an exception.';

create function service.action_record(document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.action_record(document, service.author())
$$;
comment on function service.action_record is
    'Records an action.';

create function service.action_correct(reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.action_correct(reference, document, service.author())
$$;
comment on function service.action_correct is
    'Corrects an action.';

create function service.action_void(reference text, reason text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.action_void(reference, reason, service.author())
$$;
comment on function service.action_void is
    'Voids an action.';

create function service.call_record(document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.call_record(document, service.author())
$$;
comment on function service.call_record is
    'Records a call.';

create function service.call_correct(reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.call_correct(reference, document, service.author())
$$;
comment on function service.call_correct is
    'Corrects a call.';

create function service.call_void(reference text, reason text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.call_void(reference, reason, service.author())
$$;
comment on function service.call_void is
    'Voids a call.';

create function service.outlook_record(document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.outlook_record(document, service.author())
$$;
comment on function service.outlook_record is
    'Records an outlook entry.';

create function service.outlook_correct(reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.outlook_correct(reference, document, service.author())
$$;
comment on function service.outlook_correct is
    'Corrects an outlook entry.';

create function service.outlook_void(reference text, reason text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.outlook_void(reference, reason, service.author())
$$;
comment on function service.outlook_void is
    'Voids an outlook entry.';

create function service.changeset_record(document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.changeset_record(document, service.author())
$$;
comment on function service.changeset_record is
    'Records a changeset.';

create function service.changeset_revert(reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.changeset_revert(reference, document, service.author())
$$;
comment on function service.changeset_revert is
    'Reverts a changeset.';

create function service.import_record(file jsonb, digest bytea)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.import_record(file, digest, service.author())
$$;
comment on function service.import_record is
    'Imports a file of actions, all rows or none.';

commit;
