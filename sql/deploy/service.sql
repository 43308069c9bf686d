-- Tokens and idempotency keys of the HTTP service. No rule of the Convention is here.
begin;
set local role ets144_owner;

-- Without "#", also of double width, and without characters that are not seen or change the
-- direction of writing. The control characters are named by number: a class knows only those of ASCII
-- in some locales.
create function service.plain_name(name text) returns text
    language sql immutable
    return left(btrim(regexp_replace(
        regexp_replace(
            name,
            '[#\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f'
            '\u3164\ufe5f\ufeff\uff03\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]', '', 'g'),
        '[[:cntrl:][:space:]\u0080-\u009f\u2028\u2029]+', ' ', 'g')), 100);
comment on function service.plain_name is
    'A name as it is shown: on one line, without "#", at most 100 characters.';

create function service.token_name_is_valid(name text) returns boolean
    language sql immutable
    return length(name) >= 1 and length(name) <= 64 and name = service.plain_name(name)
           and name is nfc normalized;
comment on function service.token_name_is_valid is
    'Whether a token may have a name: 1 to 64 characters in NFC that are shown as they are.';

-- A token is stored as its SHA-256 digest only. Its name is the author of versions, so a name is
-- never used for a second token: rotation replaces the token under its name.
--   created_by         null: by the administrator's command
--   previous_digest    of the token before the last rotation, which is valid until previous_until
create table service.access_token (
    name text primary key check (service.token_name_is_valid(name)),
    id text not null unique default register.uuid_v7(),
    digest bytea not null unique check (length(digest) = 32),
    scopes text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null default now(),
    created_by text,
    rotated_at timestamptz,
    previous_digest bytea unique check (length(previous_digest) = 32),
    previous_until timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    check ((previous_digest is null) = (previous_until is null))
);

-- The minute in which a token was used last. It is not of the record: no log and no digest has it.
create table service.access_token_use (
    name text primary key, -- of a token, which are never deleted
    used_at timestamptz not null
);

create function service.token_expiry(day date) returns timestamptz
    language sql immutable
    return (day + 1)::timestamp at time zone 'UTC' - interval '1 millisecond';
comment on function service.token_expiry is
    'The end of a day in UTC, when a token expires.';

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
    returns table (id text, name text, scopes text[], created_at timestamptz, created_by text,
                   rotated_at timestamptz, previous_until timestamptz, expires_at timestamptz,
                   revoked_at timestamptz, used_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select token.id, token.name, token.scopes, token.created_at, token.created_by,
           token.rotated_at,
           case when token.previous_until > clock_timestamp() then token.previous_until end,
           token.expires_at, token.revoked_at, latest.used_at
      from service.access_token as token
      left join service.access_token_use as latest on latest.name = token.name
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

create function service.token_has_ended(token service.access_token) returns boolean
    language sql volatile
    return token.revoked_at is not null or coalesce(token.expires_at <= clock_timestamp(), false);
comment on function service.token_has_ended is
    'Whether an access token is revoked or expired.';

-- The row itself says whether it has ended: the update may have waited for a revocation.
-- rotated: the new token has the name, and all that belongs to it. unknown: there is no token of that
-- name. ended: it is revoked or expired, and no new end was given, without which it stays so. On a
-- second rotation within the time of grace the previous token stays the same: it is the one that
-- clients have.
create function service.token_rotate(
    name text, digest bytea, grace interval default '0', expires_at timestamptz default null)
    returns text
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    began constant timestamptz := clock_timestamp();
    kept constant timestamptz := case when grace > interval '0' then began + grace end;
begin
    update service.access_token as token
       set digest = token_rotate.digest,
           previous_digest = case when service.token_has_ended(token) or kept is null then null
                                  when token.previous_until > began then token.previous_digest
                                  else token.digest end,
           previous_until = case when not service.token_has_ended(token) then kept end,
           rotated_at = began,
           expires_at = coalesce(token_rotate.expires_at, token.expires_at),
           revoked_at = null
     where token.name = token_rotate.name
       and (not service.token_has_ended(token) or token_rotate.expires_at is not null);
    return case when found then 'rotated'
                when exists (select from service.access_token as t where t.name = token_rotate.name)
                then 'ended' else 'unknown' end;
end
$$;
comment on function service.token_rotate is
    'Replaces an access token under its name, which keeps its scopes and what belongs to it: rotated, '
    'unknown or ended.';

create function service.token_by_digest(digest bytea)
    returns table (name text, scopes text[], expires_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select token.name, token.scopes,
           case when token.digest = token_by_digest.digest then token.expires_at
                else least(token.previous_until, token.expires_at) end
      from service.access_token as token
     where (token.digest = token_by_digest.digest
            or (token.previous_digest = token_by_digest.digest
                and token.previous_until > clock_timestamp()))
       and token.revoked_at is null
       and (token.expires_at is null or token.expires_at > clock_timestamp())
$$;
comment on function service.token_by_digest is
    'The valid access token with a digest.';

create function service.tokens_used(names jsonb) returns void
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    insert into service.access_token_use (name, used_at)
    select token.name, date_trunc('minute', clock_timestamp())
      from service.access_token as token
     where token.name = any (register.text_array(names))
     order by token.name
        on conflict (name) do update
       set used_at = excluded.used_at
     where access_token_use.used_at < excluded.used_at
$$;
comment on function service.tokens_used is
    'Notes that tokens are used in this minute.';

-- A person whom the identity provider named, by issuer and subject (OpenID Connect Core §5.7). The
-- database cannot verify an access token of the provider, so the service says who the person is. It
-- is only believed within this table: the author of a person's versions is their name and, behind a
-- "#", their number here. No name of a token has a "#", and a person's name loses it, so the service
-- can sign neither as a token nor as a command of the administrator, and two persons of one name are
-- told apart. Persons and names are kept for ever: the record shows each version under the name that
-- its author had then.
create table service.person (
    number bigint generated always as identity primary key,
    issuer text not null check (length(issuer) between 1 and 2000),
    subject text not null check (length(subject) between 1 and 255),
    recorded_at timestamptz not null default now(),
    unique (issuer, subject)
);
create table service.person_name (
    person bigint not null references service.person,
    since timestamptz not null default clock_timestamp(),
    name text not null,
    primary key (person, since)
);
call register.make_append_only('service.person');
call register.make_append_only('service.person_name');

create function service.author_identity(author text) returns text
    language sql immutable
    return coalesce(substring(author from '#[0-9]+$'), author);
comment on function service.author_identity is
    'What stays of an author when a person''s name changes: a person''s number, or a token''s name.';

create function service.person_author(number bigint, name text) returns text
    language sql immutable
    return ltrim(concat(service.plain_name(name), ' #', number));
comment on function service.person_author is
    'The author of a person''s versions: name and number.';

create function service.person_number(person jsonb) returns bigint
    language sql stable
begin atomic
    select p.number
      from service.person as p
     where p.issuer = person ->> 'issuer' and p.subject = person ->> 'subject';
end;
comment on function service.person_number is
    'The number of a person; null: the person has written nothing yet.';

-- {issuer, subject, name, scopes, expires_at (seconds since 1970)}, of an access token that the
-- service has verified.
create function service.person_is_valid(person jsonb) returns boolean
    language sql stable
    return coalesce(to_timestamp((person ->> 'expires_at')::bigint) > clock_timestamp(), false);
comment on function service.person_is_valid is
    'Whether a person''s access token has not expired.';

create function service.person_record(person jsonb) returns text
    language plpgsql volatile
as $$
declare
    known bigint := service.person_number(person);
    shown constant text := service.plain_name(person ->> 'name');
begin
    if known is null then
        insert into service.person (issuer, subject)
        values (person ->> 'issuer', person ->> 'subject')
        on conflict do nothing;
        known := service.person_number(person);
    end if;
    insert into service.person_name (person, name)
    select known, shown
     where shown is distinct from (select n.name
                                     from service.person_name as n
                                    where n.person = known
                                    order by n.since desc
                                    limit 1);
    return service.person_author(known, shown);
end
$$;
comment on function service.person_record is
    'Records a person, and the name if it has changed; the author of the person''s versions.';

create function service.caller(token_digest bytea, person jsonb)
    returns table (identity text, scopes text[])
    language sql stable
as $$
    select token.name, token.scopes
      from service.token_by_digest(token_digest) as token
    union all
    select '#' || service.person_number(person), register.text_array(person -> 'scopes')
     where token_digest is null and service.person_is_valid(person)
$$;
comment on function service.caller is
    'Who makes a request: the valid token with a digest, or a person whose access token is valid.';

create function service.token_owns(
    digest bytea, owner text, administrators text, person jsonb default null) returns boolean
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select exists (select
                     from service.caller(token_owns.digest, token_owns.person) as caller
                    where caller.identity = service.author_identity(token_owns.owner)
                       or token_owns.administrators = any (caller.scopes))
$$;
comment on function service.token_owns is
    'Whether the caller, by a token or as a person, is the owner or has the administrators'' scope.';

-- An idempotency key of a caller, with the result of its request. The author is that of
-- service.author_identity().
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

-- Outside of service.open_write(): a person's first two writes wait for each other here, as writes
-- do, without the short wait of a key.
create function service.caller_author(token_digest bytea, person jsonb) returns text
    language plpgsql volatile
as $$
begin
    if token_digest is null and service.person_is_valid(person) then
        return service.person_record(person);
    end if;
    return (select token.name from service.token_by_digest(token_digest) as token);
end
$$;
comment on function service.caller_author is
    'The author of what the caller writes, by a token or as a person, who is recorded; null: neither '
    'is valid.';

-- A second write in progress with the same key waits here for the first, but not for long.
create function service.open_write(author text, key text, body_digest bytea, trace text)
    returns text
    language plpgsql volatile
    set lock_timeout = '20ms'
as $$
begin
    insert into register.open_write (author, key, body_digest, trace)
    select open_write.author, open_write.key, open_write.body_digest, open_write.trace
     where open_write.author is not null;
    return case when found then 'new' else 'unauthenticated' end;
exception
    when lock_not_available then
        return 'busy';
end
$$;
comment on function service.open_write is
    'Opens this transaction''s write for an author: new, unauthenticated (there is no author), or busy '
    '(the author''s first request with the key has not ended).';

-- new: the key was not used within a day, or is null. replay: it was, with the same body; the other
-- columns are what was recorded. mismatch: with another body. busy: its first request has not ended.
-- unauthenticated: the token was revoked or expired after it had been looked up. The row is locked,
-- which makes the transaction write: the answer to a repetition waits for the standbys as the first
-- answer did.
create function service.request_begin(
    token_digest bytea, key text, body_digest bytea, trace text, person jsonb default null)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    stored service.request_key%rowtype;
    began constant text :=
        service.open_write(service.caller_author(token_digest, person), request_begin.key,
                           body_digest, trace);
begin
    if began = 'new' then
        select k.* into stored
          from service.request_key as k
          join register.open_write as mine
            on service.author_identity(mine.author) = k.author and mine.key = k.key
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
    token_digest bytea, key text, body_digest bytea, trace text, internal boolean,
    person jsonb default null)
    returns table (outcome text, reference text, revision_before bigint, revision bigint,
                   known_at timestamptz, as_of date)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    select begun.* into outcome, reference, revision_before, revision, known_at, as_of
      from service.request_begin(token_digest, key, body_digest, trace, person) as begun;
    if outcome = 'new' then
        revision_before := register.write_lock();
        update register.open_write as mine
           set revision_before = write_begin.revision_before, internal = write_begin.internal
         where mine.transaction = pg_current_xact_id();
        select moment.known_at, moment.as_of into known_at, as_of
          from register.resolve_moment(null, null, internal) as moment;
        if not exists (select from service.caller(token_digest, person)) then
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
    select service.author_identity(mine.author), mine.key, mine.body_digest, clock_timestamp(),
           request_store_result.reference, coalesce(mine.revision_before, newest.number),
           newest.number,
           -- The time of an internal change is for its author, and for readers of internal content.
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
                  hint = 'service.write_begin() begins a write, with a token or as a person.';
    end if;
    return found;
end
$$;
comment on function service.author is
    'The author of this transaction''s open write; without an open write an exception.';

-- Tokens by the service: nobody gives away a scope that they do not have.

create function service.scope_not_held(scopes text[], token_digest bytea, person jsonb) returns text
    language sql stable
as $$
    select min(asked.scope)
      from unnest('{tokens:write}' || scopes) as asked (scope)
     where not exists (select
                         from service.caller(token_digest, person) as caller
                        where asked.scope = any (caller.scopes))
$$;
comment on function service.scope_not_held is
    'A scope that the caller lacks to give a token these scopes; null: none.';

create function service.tokens_seen(token_digest bytea, id text, person jsonb)
    returns table (id text, name text, scopes text[], created_at timestamptz, created_by text,
                   rotated_at timestamptz, previous_until timestamptz, expires_at timestamptz,
                   revoked_at timestamptz, used_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select listed.id, listed.name, listed.scopes, listed.created_at, listed.created_by,
           listed.rotated_at, listed.previous_until, listed.expires_at, listed.revoked_at,
           listed.used_at
      from service.token_list() as listed
     where (tokens_seen.id is null or listed.id = tokens_seen.id)
       and (service.scope_not_held('{}', token_digest, person) is null
            -- The caller's own token, which its write has just replaced.
            or (listed.id = tokens_seen.id and listed.rotated_at >= now()
                and exists (select from register.open_write as mine
                             where mine.transaction = pg_current_xact_id_if_assigned())))
$$;
comment on function service.tokens_seen is
    'The access tokens as a caller with the scope tokens:write sees them, or of these the token of an '
    'id.';

create function service.token_issue(
    document jsonb, digest bytea, token_digest bytea, person jsonb)
    returns table (outcome text, id text, scope text)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    author constant text := service.author();
    wanted constant text[] :=
        (select array_agg(distinct asked.scope order by asked.scope)
           from unnest(register.text_array(document -> 'scopes')) as asked (scope));
begin
    scope := service.scope_not_held(wanted, token_digest, person);
    if scope is not null then
        outcome := 'scope_missing';
    elsif not service.token_name_is_valid(document ->> 'name') then
        outcome := 'name_refused';
    else
        insert into service.access_token as made (name, digest, scopes, created_by, expires_at)
        values (document ->> 'name', token_issue.digest, wanted, author,
                service.token_expiry((document ->> 'expires_on')::date))
            on conflict (name) do nothing
        returning made.id into id;
        outcome := case when found then 'created' else 'name_taken' end;
    end if;
    return next;
end
$$;
comment on function service.token_issue is
    'Creates an access token for the caller: {name, scopes, expires_on}. created: with its id. '
    'scope_missing: the caller lacks that scope. name_refused, name_taken.';

create function service.token_reissue(
    id text, digest bytea, grace interval, expires_on date, token_digest bytea, person jsonb)
    returns table (outcome text, scope text)
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select case when lacks.scope is not null then 'scope_missing'
                else service.token_rotate(token.name, token_reissue.digest, grace,
                                          service.token_expiry(expires_on)) end,
           lacks.scope
      from service.access_token as token
     cross join lateral (
               select service.scope_not_held(token.scopes, token_digest, person)
           ) as lacks (scope)
     where token.id = token_reissue.id and service.author() is not null
$$;
comment on function service.token_reissue is
    'Rotates an access token for the caller, with the outcomes of service.token_rotate(); '
    'scope_missing: the caller lacks that scope of the token. No row: unknown.';

create function service.token_withdraw(id text, token_digest bytea, person jsonb) returns boolean
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select service.token_revoke(token.name) is not null
      from service.access_token as token
     where token.id = token_withdraw.id and service.author() is not null
       and service.scope_not_held('{}', token_digest, person) is null
$$;
comment on function service.token_withdraw is
    'Revokes an access token for the caller, if it is not revoked yet; null: unknown.';

create function service.written(result register.write_result) returns register.write_result
    language plpgsql volatile
as $$
begin
    update register.open_write as mine
       set reference = result.reference,
           internal = mine.internal or result.at > result.known_at
     where mine.transaction = pg_current_xact_id();
    return result;
end
$$;
comment on function service.written is
    'Keeps the reference of what this transaction''s open write wrote, and returns the result.';

create function service.operation_apply(op text, type text, reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select service.written(register.operation_apply(op, type, reference, document,
                                                    service.author()))
$$;
comment on function service.operation_apply is
    'Records, corrects or voids a single record.';

create function service.changeset_record(document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select service.written(register.changeset_record(document, service.author()))
$$;
comment on function service.changeset_record is
    'Records a changeset.';

create function service.changeset_revert(reference text, document jsonb)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select service.written(register.changeset_revert(reference, document, service.author()))
$$;
comment on function service.changeset_revert is
    'Reverts a changeset.';

create function service.import_record(file jsonb, digest bytea)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select service.written(register.import_record(file, digest, service.author()))
$$;
comment on function service.import_record is
    'Imports a file of actions, all rows or none.';

commit;
