-- Recording, correcting and voiding: the only ways into the record of actions.
-- A document is the JSON of a treaty action, with the field names of its columns.
begin;
set local role ets144_owner;

create function register.text_array(list jsonb) returns text[]
    language sql immutable parallel safe
    return coalesce(
        (select array_agg(entry.value order by entry.place)
           from jsonb_array_elements_text(
                    case when jsonb_typeof(list) = 'array' then list else '[]' end)
                with ordinality as entry (value, place)), '{}');

-- The content of a document, as a version without its place in history.
create function register.version_of(document jsonb) returns register.action_version
    language sql immutable
begin atomic
    select (null, null, null, null, null, null, false,
            document ->> 'kind', (document ->> 'date')::date, (document ->> 'not_before')::date,
            (document ->> 'not_after')::date, (document ->> 'received_on')::date,
            (document ->> 'published_effective_date')::date,
            register.text_array(document -> 'articles'),
            register.text_array(document -> 'chapters'),
            register.text_array(document -> 'territories' -> 'covered'),
            register.text_array(document -> 'territories' -> 'left_out'),
            upper(document ->> 'refers_to'), document ->> 'summary_en', document ->> 'summary_fr',
            document ->> 'vehicle_en', document ->> 'vehicle_fr',
            document ->> 'original_language', document ->> 'verification',
            register.text_array(document -> 'sources'))::register.action_version;
end;

-- What a version says, without who said it when.
create function register.content_of(version register.action_version) returns jsonb
    language sql immutable
    return to_jsonb(version)
           - array['reference', 'version', 'recorded', 'revision', 'author', 'reason'];

-- Adds a version under the transaction's revision and ends the time of the one before it.
create function register.version_add(
    reference text, content register.action_version, author text, reason text)
    returns integer
    language plpgsql volatile
as $$
declare
    opened bigint := register.revision_open(author, reason);
    since timestamptz;
    next_version integer;
begin
    -- No version is true for no time: what this transaction wrote it changes under a further revision.
    if exists (select
                 from register.action_version as v
                where v.reference = version_add.reference and v.revision = opened) then
        perform set_config('register.revision', '', true);
        opened := register.revision_open(author, reason);
    end if;
    since := register.revision_time(opened);
    select coalesce(max(v.version), 0) + 1 into next_version
      from register.action_version as v
     where v.reference = version_add.reference;
    update register.action_version as v
       set recorded = tstzrange(lower(v.recorded), since)
     where v.reference = version_add.reference and v.version = next_version - 1;
    content.reference := version_add.reference;
    content.version := next_version;
    content.recorded := tstzrange(since, null);
    content.revision := opened;
    content.author := version_add.author;
    content.reason := version_add.reason;
    insert into register.action_version select content.*;
    return next_version;
end
$$;

-- Enters a new action without judging it: a load judges the whole of what it entered.
create function register.action_enter(
    reference text, state text, number integer, document jsonb, author text, reason text)
    returns integer
    language plpgsql volatile
as $$
begin
    perform register.revision_open(author, reason);
    insert into register.action (reference, state, number)
    values (action_enter.reference, action_enter.state, action_enter.number);
    return register.version_add(reference, register.version_of(document), author, reason);
end
$$;

-- Records what a State did, under the State's next number.
create function register.action_record(document jsonb, author text)
    returns table (reference text, version integer, revision bigint)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    of_state constant text := upper(document ->> 'state');
    next_number integer;
begin
    perform register.write_lock();
    if not exists (select from register.state as s where s.code = of_state) then
        perform register.refuse_rule('state_exists', 'state', of_state);
    end if;
    select coalesce(max(a.number), 0) + 1 into next_number
      from register.action as a
     where a.state = of_state;
    reference := of_state || '-' || next_number;
    version := register.action_enter(reference, of_state, next_number, document, author,
                                     document ->> 'reason');
    perform register.demand_legality();
    revision := register.revision_open(author, null);
    return next;
end
$$;

-- The version that stands now; an unknown or voided action cannot be changed.
create function register.version_to_change(reference text) returns register.action_version
    language plpgsql volatile
as $$
declare
    present register.action_version;
begin
    perform register.write_lock();
    select v.* into present
      from register.action_version as v
     where v.reference = version_to_change.reference
     order by lower(v.recorded) desc
     limit 1;
    if present.reference is null then
        raise exception 'The register has no treaty action %.', version_to_change.reference
            using errcode = 'T5001', constraint = 'action_unknown';
    end if;
    if present.voided then
        raise exception '% was voided.', version_to_change.reference
            using errcode = 'T5002', constraint = 'action_voided';
    end if;
    return present;
end
$$;

-- Replaces the content; the State stays. What changes nothing makes no version and no revision.
create function register.action_correct(of_action text, document jsonb, author text)
    returns table (reference text, version integer, revision bigint)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    present constant register.action_version :=
        register.version_to_change(of_action);
    content constant register.action_version := register.version_of(document);
    why constant text := nullif(btrim(document ->> 'reason'), '');
begin
    if why is null then
        perform register.refuse_rule('reason_given', 'reason');
    end if;
    if register.content_of(content) = register.content_of(present) then
        return query
            select present.reference, present.version, r.number from register.revision as r;
        return;
    end if;
    return query
        select present.reference,
               register.version_add(present.reference, content, action_correct.author, why),
               register.revision_open(action_correct.author, why);
    perform register.demand_legality();
end
$$;

-- Declares that the action was never so: a last version, with the reason.
create function register.action_void(of_action text, reason text, author text)
    returns table (reference text, version integer, revision bigint)
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    content register.action_version := register.version_to_change(of_action);
    why constant text := nullif(btrim(action_void.reason), '');
begin
    if why is null then
        perform register.refuse_rule('reason_given', 'reason');
    end if;
    content.voided := true;
    return query
        select content.reference,
               register.version_add(content.reference, content, action_void.author, why),
               register.revision_open(action_void.author, why);
    perform register.demand_legality();
end
$$;

commit;
