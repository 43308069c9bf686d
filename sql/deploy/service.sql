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

-- new: the key was not used within a day. replay: it was, with the same body; the other columns are
-- what was recorded. mismatch: with another body. busy: its first request has not ended. The row is
-- locked, which makes the transaction write: the answer to a repetition waits for the standbys as
-- the first answer did.
create function service.request_claim(author text, key text, digest bytea)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    stored service.request_key%rowtype;
begin
    if not pg_try_advisory_xact_lock(
               hashtextextended(request_claim.author || e'\n' || request_claim.key, 144)) then
        return query select 'busy', null::text, null::bigint, null::bigint, null::timestamptz,
                            null::date;
        return;
    end if;
    select k.* into stored
      from service.request_key as k
     where k.author = request_claim.author and k.key = request_claim.key
       and k.claimed_at > clock_timestamp() - interval '1 day'
       for no key update;
    return query
        select case when stored.key is null then 'new'
                    when stored.digest = request_claim.digest then 'replay'
                    else 'mismatch' end,
               stored.reference, stored.revision_before, stored.revision, stored.known_at,
               stored.as_of;
end
$$;
comment on function service.request_claim is
    'Claims an idempotency key for this transaction, or answers what its first request recorded.';

-- Begins a write: claims the key (null: none), sets the trace (null: none) and waits for the other
-- writers. The outcome is that of service.request_claim(), or `unauthenticated`: the token was
-- revoked or expired after it had been looked up, while the body came or the write waited. Only a new
-- request waits; then revision_before, known_at and as_of are the moment before the write.
create function service.write_begin(
    token_digest bytea, author text, key text, body_digest bytea, trace text, internal boolean)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    outcome := 'new';
    if key is not null then
        select claim.* into outcome, reference, revision_before, revision, known_at, as_of
          from service.request_claim(author, key, body_digest) as claim;
    end if;
    if outcome = 'new' then
        perform set_config('register.trace', trace, true) where trace is not null;
        revision_before := register.write_lock();
        select moment.known_at, moment.as_of into known_at, as_of
          from register.resolve_moment(null, null, internal) as moment;
    end if;
    if not exists (select from service.token_by_digest(token_digest)) then
        outcome := 'unauthenticated';
    end if;
    return next;
end
$$;
comment on function service.write_begin is
    'Begins a write: its idempotency key, its trace, the lock, and a second look at its token.';

create function service.request_store_result(
    author text, key text, digest bytea, reference text, revision_before bigint,
    revision bigint) returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
    delete from service.request_key as k
     where k.claimed_at <= clock_timestamp() - interval '1 day';
    insert into service.request_key
        (author, key, digest, claimed_at, reference, revision_before, revision, known_at, as_of)
    select request_store_result.author, request_store_result.key, request_store_result.digest,
           clock_timestamp(), request_store_result.reference,
           request_store_result.revision_before, request_store_result.revision,
           newest.at, register.today()
      from register.revision as newest;
end
$$;
comment on function service.request_store_result is
    'Stores the result of a claimed idempotency key, and deletes keys older than a day.';

commit;
