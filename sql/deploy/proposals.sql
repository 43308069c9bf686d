-- Proposals: changesets that wait for a second person. A proposal is judged when it is made and again
-- when it is approved, and only then recorded, under its author's name. Until then the record, its
-- revisions and its feed have nothing of it, and nobody sees it but its author and those who decide.
-- Whether changesets need a second person is a setting of the service.
begin;
set local role ets144_owner;

-- document: {reason, operations}, of a revert {reason}. operations: [{op, type, reference, version,
-- state}] as they were when it was made; the reference of a new record is not known yet.
create table register.proposal (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    at timestamptz not null,
    author text not null,
    identity text not null,
    reason text,
    reverts text references register.changeset,
    document jsonb not null,
    operations jsonb not null,
    internal boolean not null
);
comment on column register.proposal.identity is
    'service.author_identity() of the author, who does not decide on it';
create index proposal_of_author on register.proposal (identity, reference);

-- The chain of what became of proposals. `digest` covers the other columns and the digest before; it
-- names the newest revision of its time, and each revision names the newest event of its time.
create table register.proposal_event (
    number bigint primary key check (number > 0),
    at timestamptz not null,
    proposal text not null references register.proposal,
    event text not null check (event in ('proposed', 'recorded', 'rejected', 'withdrawn')),
    author text not null,
    reason text,
    changeset text references register.changeset check ((changeset is null) = (event <> 'recorded')),
    content bytea not null check (length(content) = 32),
    revision bigint not null references register.revision_log,
    digest bytea not null unique check (length(digest) = 32)
);
comment on column register.proposal_event.content is
    'The digest of the proposal';
create unique index proposal_made on register.proposal_event (proposal) where event = 'proposed';
create unique index proposal_decided on register.proposal_event (proposal) where event <> 'proposed';
create index proposal_event_of_changeset on register.proposal_event (changeset)
    where changeset is not null;

call register.make_append_only('register.proposal');
call register.make_append_only('register.proposal_event');

-- By the texts of the columns: a proposal of ten thousand operations is too large for canonical JSON.
create function register.proposal_digest(proposal register.proposal) returns bytea
    language sql stable
    return sha256(convert_to(
        jsonb_build_array(proposal.reference, register.utc_text(proposal.at), proposal.author,
                          proposal.identity, proposal.reason, proposal.reverts, proposal.internal)::text
        || proposal.document::text || proposal.operations::text, 'UTF8'));
comment on function register.proposal_digest is
    'The digest of a proposal, computed from what the table has now.';

create function register.proposal_event_digest(event register.proposal_event) returns bytea
    language plpgsql stable
as $$
begin
    return (
        select register.json_digest(jsonb_build_object(
                   'number', event.number, 'at', register.utc_text(event.at),
                   'proposal', event.proposal, 'event', event.event, 'author', event.author,
                   'reason', event.reason, 'changeset', event.changeset,
                   'content', encode(event.content, 'hex'), 'revision', event.revision,
                   'revision_digest', (select encode(d.digest, 'hex')
                                         from register.revision_digest as d
                                        where d.revision = event.revision),
                   'previous', (select encode(earlier.digest, 'hex')
                                  from register.proposal_event as earlier
                                 where earlier.number = event.number - 1))));
end
$$;
comment on function register.proposal_event_digest is
    'The digest of an event of a proposal, over the event before and the newest revision of its time.';

create function register.proposals_at(until_at timestamptz) returns bytea
    language sql stable
begin atomic
    select event.digest
      from register.proposal_event as event
     where event.at <= until_at
     order by event.number desc
     limit 1;
end;
comment on function register.proposals_at is
    'The digest of the newest event of a proposal at a time, which the chain of revisions covers; null: '
    'there was no event.';

-- Under the write lock: the events have one order, and one with the revisions.
create function register.proposal_log(
    proposal text, event text, author text, reason text, changeset text) returns void
    language plpgsql volatile
as $$
declare
    made register.proposal_event%rowtype;
begin
    made.number := (select coalesce(max(e.number), 0) + 1 from register.proposal_event as e);
    made.at := (select greatest(clock_timestamp(), r.at + interval '1 microsecond')
                  from register.revision as r);
    made.proposal := proposal;
    made.event := event;
    made.author := author;
    made.reason := reason;
    made.changeset := changeset;
    made.content := (select register.proposal_digest(p) from register.proposal as p
                      where p.reference = proposal_log.proposal);
    made.revision := (select coalesce(max(d.revision), 0) from register.revision_digest as d);
    made.digest := register.proposal_event_digest(made);
    insert into register.proposal_event select made.*;
end
$$;
comment on function register.proposal_log is
    'Logs an event of a proposal, under the write lock.';

create function register.proposal_operations(document jsonb, reverts text)
    returns table (shown jsonb, internal boolean)
    language sql volatile
    rows 1
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
                        'op', asked.op, 'type', asked.type,
                        'reference', case when asked.op <> 'record' then asked.reference end,
                        'version', case when asked.op <> 'record'
                                        then (asked.present ->> 'version')::integer end,
                        'state', asked.state)
                        order by asked.place), '[]'),
           coalesce(bool_or(register.operation_is_internal(asked)), false)
      from (select given::register.operation as asked
              from register.operations_read(document -> 'operations') as given
             where reverts is null
             union all
            select given::register.operation as asked
              from register.operations_to_revert(reverts) as given
             where reverts is not null) as entry
     cross join lateral (select (entry.asked).*) as asked
$$;
comment on function register.proposal_operations is
    'The operations of a proposal as they are shown, and whether any is internal.';

-- A single record is proposed as a changeset of one operation, on the version that it has now.
create function register.document_of_operation(
    op text, type text, reference text, document jsonb) returns jsonb
    language sql stable
    return jsonb_build_object(
        'reason', document ->> 'reason',
        'operations', jsonb_build_array(jsonb_build_object(
            'op', op, 'type', type,
            'reference', case when op <> 'record' then reference end,
            'version', case when op <> 'record'
                            then register.latest_version(register.versions_of(type), reference)
                                 -> 'version' end,
            'document', case when op <> 'void' then document - 'reason' end)));
comment on function register.document_of_operation is
    'The document of a changeset of one operation.';

create function register.proposal_apply(
    document jsonb, reverts text, author text) returns register.write_result
    language plpgsql volatile
as $$
begin
    if reverts is not null then
        return register.changeset_revert(reverts, document, author);
    elsif btrim(document ->> 'reason') <> '' then
        return register.changeset_record(document, author);
    end if;
    -- A single record that is recorded without a reason.
    return register.changeset_apply(
               array(select asked::register.operation
                       from register.operations_read(document -> 'operations') as asked),
               author, null, null, true);
end
$$;
comment on function register.proposal_apply is
    'Records what a proposal asks for, under its author''s name.';

-- Judges in a subtransaction that is rolled back: an unlawful proposal is refused at once, as its
-- record would be.
create function register.proposal_judge(
    op text, type text, reference text, document jsonb, reverts text, author text) returns void
    language plpgsql volatile
as $$
declare
    written register.write_result;
begin
    if op is not null then
        written := register.operation_apply(op, type, reference, document, author);
    end if;
    if written.changeset is null then
        -- Of a single operation it refuses what changes nothing.
        perform register.proposal_apply(
                    case when op is null then document
                         else register.document_of_operation(op, type, reference, document) end,
                    reverts, author);
    end if;
    raise exception using errcode = 'UNDO0';
exception
    when sqlstate 'UNDO0' then
        return;
end
$$;
comment on function register.proposal_judge is
    'Raises the exception that recording would raise, if there is any, and records nothing.';

create function register.proposal_store(
    op text, type text, reference text, document jsonb, reverts text, author text, identity text)
    returns text
    language plpgsql volatile
as $$
declare
    new_reference constant text := register.uuid_v7();
    given constant jsonb :=
        case when op is null then document
             else register.document_of_operation(op, type, reference, document) end;
begin
    perform register.write_lock();
    perform register.proposal_judge(op, type, reference, document, reverts, author);
    insert into register.proposal
        (reference, at, author, identity, reason, reverts, document, operations, internal)
    select new_reference, clock_timestamp(), proposal_store.author, proposal_store.identity,
           nullif(btrim(given ->> 'reason'), ''), proposal_store.reverts, given, asked.shown,
           asked.internal
      from register.proposal_operations(given, proposal_store.reverts) as asked;
    perform register.proposal_log(new_reference, 'proposed', author, null, null);
    return new_reference;
end
$$;
comment on function register.proposal_store is
    'Judges and stores a proposal, and returns its reference.';

-- Who sees and decides ---------------------------------------------------------------------------

-- A caller that creates or rotates a token has its secret, and could both propose and approve.
create function service.same_hand(one text, other text) returns boolean
    language plpgsql stable
as $$
begin
    return exists (
        with recursive hand as (
            select 1 as side, one as name
             union
            select 2 as side, other as name
             union
            select hand.side, service.author_identity(event.author) as name
              from hand
              join service.access_token_log as event
                on event.name = hand.name
               and event.event in ('created', 'rotated', 'renewed')
             where event.author is not null
        )
        select from hand as mine
          join hand as theirs on theirs.name = mine.name
         where mine.side = 1 and theirs.side = 2);
end
$$;
comment on function service.same_hand is
    'Whether two authors are one, as far as is known: the same token or person, or tokens that one hand '
    'gave out, itself or by others that it gave out.';

create function service.sees_internal(token_digest bytea, person jsonb) returns boolean
    language sql stable
    return exists (select
                     from service.caller(token_digest, person) as caller
                    where '{outlook:read,notes:read}' <@ caller.scopes);
comment on function service.sees_internal is
    'Whether a caller may read every internal record.';

-- Its author sees a proposal, and those with the scope changesets:approve; an internal one only those
-- who may also read every internal record.
create function service.proposals_seen(
    token_digest bytea, person jsonb, of_reference text default null)
    returns table (reference text, at timestamptz, author text, identity text, reason text,
                   reverts text, document jsonb, operations jsonb, status text,
                   decided_by text, decided_at timestamptz, decision_reason text, changeset text)
    language sql stable security definer
    rows 100
    set search_path = pg_catalog, pg_temp
as $$
    with caller as materialized (
        select c.identity, 'changesets:approve' = any (c.scopes) as decides,
               service.sees_internal(token_digest, person) as internal
          from service.caller(token_digest, person) as c
    ),
    seen as (
        select proposal.* from caller
          join register.proposal
            on caller.decides and (caller.internal or not proposal.internal)
           and proposal.identity is distinct from caller.identity
         where of_reference is null or proposal.reference = of_reference
         union all
        select proposal.* from caller
          join register.proposal on proposal.identity = caller.identity
         where of_reference is null or proposal.reference = of_reference
    )
    select seen.reference, seen.at, seen.author, seen.identity, seen.reason, seen.reverts,
           seen.document, seen.operations, coalesce(decided.event, 'proposed'), decided.author,
           decided.at, decided.reason, decided.changeset
      from seen
      left join register.proposal_event as decided
        on decided.proposal = seen.reference and decided.event <> 'proposed'
$$;
comment on function service.proposals_seen is
    'The proposals that a caller sees, or the proposal of a reference, with what became of them.';

create function service.proposal_create(
    op text, type text, reference text, document jsonb, reverts text)
    returns text
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    author constant text := service.author();
    stored constant text :=
        register.proposal_store(op, type, reference, document, reverts, author,
                                service.author_identity(author));
begin
    update register.open_write as mine
       set reference = stored
     where mine.transaction = pg_current_xact_id();
    perform service.notify_deciders(stored);
    return stored;
end
$$;
comment on function service.proposal_create is
    'Proposes a changeset (op null), a single record, or the revert of a changeset; its reference.';

create function register.is_internal_now(operations jsonb) returns boolean
    language sql stable
    return exists (select
                     from jsonb_to_recordset(operations) as done (type text, reference text)
                    where done.type = any (register.internal_types()) and done.reference is not null
                      and register.latest_version(register.versions_of(done.type), done.reference)
                          ->> 'visibility' = 'internal');
comment on function register.is_internal_now is
    'Whether a record of the operations of a proposal is internal by now.';

create function service.proposal_to_decide(
    reference text, event text, token_digest bytea, person jsonb)
    returns register.proposal
    language plpgsql volatile
as $$
declare
    decider constant text := service.author_identity(service.author());
    seen record;
    found register.proposal%rowtype;
begin
    perform register.write_lock();
    select p.identity, p.status into seen
      from service.proposals_seen(token_digest, person, proposal_to_decide.reference) as p;
    if seen.identity is null then
        raise exception 'There is no proposal %.', reference
            using errcode = 'T5001', constraint = 'reference_unknown';
    end if;
    if (event = 'withdrawn') is distinct from (seen.identity = decider)
       or (event <> 'withdrawn' and service.same_hand(seen.identity, decider)) then
        raise exception 'Its author withdraws a proposal, and another person decides on it.'
            using errcode = 'T5010', constraint = 'wrong_person';
    end if;
    if seen.status <> 'proposed' then
        raise exception 'The proposal % was decided on.', reference
            using errcode = 'T5011', constraint = 'proposal_decided';
    end if;
    select p.* into found from register.proposal as p
     where p.reference = proposal_to_decide.reference;
    if event <> 'withdrawn' and not service.sees_internal(token_digest, person)
       and register.is_internal_now(found.operations) then
        -- The refusal of a stale version would tell of internal versions.
        raise exception 'There is no proposal %.', reference
            using errcode = 'T5001', constraint = 'reference_unknown';
    end if;
    return found;
end
$$;
comment on function service.proposal_to_decide is
    'A proposal, for a decision that the caller may make; otherwise an exception.';

-- The proposal is judged again, against the register as it stands.
create function service.proposal_approve(reference text, token_digest bytea, person jsonb)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    proposal constant register.proposal :=
        service.proposal_to_decide(reference, 'recorded', token_digest, person);
    written constant register.write_result :=
        register.proposal_apply(proposal.document, proposal.reverts, proposal.author);
begin
    perform register.proposal_log(reference, 'recorded', service.author(), null, written.reference);
    return service.written(written);
end
$$;
comment on function service.proposal_approve is
    'Records a proposal under its author''s name, with the caller as the one who approved it.';

create function service.proposal_end(
    reference text, event text, reason text, token_digest bytea, person jsonb)
    returns text
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform service.proposal_to_decide(reference, event, token_digest, person);
    if event = 'rejected' and coalesce(btrim(reason), '') = '' then
        -- T4018
        perform register.raise_breach('reason_given', 'reason');
    end if;
    perform register.proposal_log(reference, event, service.author(), btrim(reason), null);
    return reference;
end
$$;
comment on function service.proposal_end is
    'Rejects or withdraws a proposal.';

commit;
