-- Recording, correcting and voiding: the only ways into the record. A document is JSON with the
-- field names of the columns.
begin;
set local role ets144_owner;

-- The result of every write.
--   known_at  the time of the revision
--   at        the time of the newest change, which may be internal
create type register.write_result as (
    reference text, version integer, revision bigint, as_of date, known_at timestamptz,
    at timestamptz);

create function register.current_write_result(reference text, version integer)
    returns register.write_result
    language sql stable
    return (select (current_write_result.reference, current_write_result.version,
                    revision.number, register.today(), register.revision_time(revision.number),
                    revision.at)::register.write_result
              from register.revision);
comment on function register.current_write_result is
    'The result of a write at the current revision.';

create function register.finish_write() returns void
    language plpgsql volatile
as $$
declare
    since constant timestamptz := (select r.at from register.revision as r);
begin
    perform register.assert_lawful(
                register.touched_by(since - interval '1 microsecond', since));
    perform register.log_changes();
end
$$;
comment on function register.finish_write is
    'Finishes every write: judges what its revision touched, then logs the changes.';

create function register.correct(
    versions regclass, reference text, present jsonb, content jsonb, author text, reason text,
    internal boolean default false)
    returns register.write_result
    language plpgsql volatile
as $$
declare
    why constant text := nullif(btrim(reason), '');
    version integer := (present ->> 'version')::integer;
begin
    if why is null then
        -- T4018
        perform register.raise_breach('reason_given', 'reason');
    end if;
    if content <> register.content_of(present) then
        version := register.version_add(versions, reference, content, author, why, internal);
        perform register.finish_write();
    end if;
    return register.current_write_result(reference, version);
end
$$;
comment on function register.correct is
    'Corrects a record: a new version with a reason; unchanged content makes no version and no '
    'revision.';

create function register.void(
    versions regclass, reference text, author text, reason text, internal boolean default false)
    returns register.write_result
    language plpgsql volatile
as $$
declare
    present constant jsonb := register.lock_for_change(versions, reference);
begin
    return register.correct(versions, reference, present,
                            register.content_of(present) || '{"voided": true}', author, reason,
                            internal);
end
$$;
comment on function register.void is
    'Voids a record: a last version that says it never happened.';

-- Treaty actions ------------------------------------------------------------------------------

create function register.action_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document('register.action_version', document || jsonb_build_object(
        'articles', register.text_array(document -> 'articles'),
        'chapters', register.text_array(document -> 'chapters'),
        'territories_covered', register.text_array(document -> 'territories' -> 'covered'),
        'territories_left_out', register.text_array(document -> 'territories' -> 'left_out'),
        'refers_to', upper(document ->> 'refers_to'),
        'sources', register.text_array(document -> 'sources')));
comment on function register.action_content is
    'The content of an action''s document.';

--   entries  [{reference, state, number, content, reason}]; reason: the action's own, or null
-- The settings: as of register.version_add().
create function register.actions_enter(entries jsonb, author text, reason text) returns void
    language plpgsql volatile
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    opened bigint;
    since timestamptz;
begin
    if jsonb_array_length(entries) > 0 then
        opened := register.begin_revision(author, reason);
        since := register.revision_time(opened);
    end if;
    insert into register.action (reference, state, number)
    select entry.reference, entry.state, entry.number
      from jsonb_to_recordset(entries) as entry (reference text, state text, number integer);
    insert into register.action_version
    select version.*
      from jsonb_to_recordset(entries) as entry (reference text, content jsonb, reason text)
     cross join lateral jsonb_populate_record(
               null::register.action_version,
               entry.content || jsonb_build_object(
                   'reference', entry.reference, 'version', 1,
                   'recorded', tstzrange(since, null), 'revision', opened,
                   'author', author, 'reason', coalesce(entry.reason, actions_enter.reason),
                   'voided', false)) as version;
end
$$;
comment on function register.actions_enter is
    'Enters new actions under a single revision without judging them; its caller judges what they '
    'touch.';

create function register.action_record(document jsonb, author text) returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    of_state constant text := upper(document ->> 'state');
    next_number integer;
begin
    perform register.write_lock();
    if not exists (select from register.state as s where s.code = of_state) then
        -- T4001
        perform register.raise_breach('state_exists', 'state', of_state);
    end if;
    select coalesce(max(a.number), 0) + 1 into next_number
      from register.action as a
     where a.state = of_state;
    perform register.actions_enter(
                jsonb_build_array(jsonb_build_object(
                    'reference', of_state || '-' || next_number, 'state', of_state,
                    'number', next_number, 'content', register.action_content(document))),
                author, document ->> 'reason');
    perform register.finish_write();
    return register.current_write_result(of_state || '-' || next_number, 1);
end
$$;
comment on function register.action_record is
    'Records an action under the State''s next number.';

create function register.action_correct(reference text, document jsonb, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.correct(
        'register.action_version', action_correct.reference,
        register.lock_for_change('register.action_version', action_correct.reference),
        register.action_content(document), author, document ->> 'reason')
$$;
comment on function register.action_correct is
    'Corrects an action; its State does not change.';

create function register.action_void(reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.void('register.action_version', action_void.reference, author,
                         action_void.reason)
$$;
comment on function register.action_void is
    'Voids an action.';

-- Calls ---------------------------------------------------------------------------------------

create function register.call_enter(document jsonb, author text, reason text) returns integer
    language plpgsql volatile
as $$
begin
    insert into register.call (reference) values (document ->> 'reference');
    return register.version_add('register.call_version', document ->> 'reference',
                                register.call_content(document), author, reason);
end
$$;
comment on function register.call_enter is
    'Enters a call without judging it.';

create function register.call_record(document jsonb, author text) returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    new_reference constant text := upper(document ->> 'reference');
    version integer;
begin
    perform register.write_lock();
    if exists (select from register.call as c where c.reference = new_reference) then
        -- T4080
        perform register.raise_breach('call_reference_free', 'reference', new_reference);
    end if;
    version := register.call_enter(
        document || jsonb_build_object('reference', new_reference), author, document ->> 'reason');
    perform register.finish_write();
    return register.current_write_result(new_reference, version);
end
$$;
comment on function register.call_record is
    'Records a call.';

create function register.call_correct(reference text, document jsonb, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.correct(
        'register.call_version', call_correct.reference,
        register.lock_for_change('register.call_version', call_correct.reference),
        register.call_content(document), author, document ->> 'reason')
$$;
comment on function register.call_correct is
    'Corrects a call.';

create function register.call_void(reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.void('register.call_version', call_void.reference, author, call_void.reason)
$$;
comment on function register.call_void is
    'Voids a call.';

-- The outlook ---------------------------------------------------------------------------------

create function register.assert_not_party(state text, as_of date) returns void
    language plpgsql stable
as $$
begin
    if exists (select
                 from register.status_at(as_of, 'infinity') as status
                where status.state = assert_not_party.state
                  and status.status in ('party', 'party_denouncing')) then
        -- T4092
        perform register.raise_breach('outlook_before_party', 'date', state);
    end if;
end
$$;
comment on function register.assert_not_party is
    'Raises a breach if the State was a Party on the day of its outlook entry.';

create function register.outlook_record(document jsonb, author text) returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    of_state constant text := upper(document ->> 'state');
    -- Of version 4 (RFC 9562), without a time: a published entry does not say since when it was
    -- internal.
    new_reference constant text := gen_random_uuid()::text;
    version integer;
begin
    perform register.write_lock();
    if not exists (select from register.state as s where s.code = of_state) then
        -- T4001
        perform register.raise_breach('state_exists', 'state', of_state);
    end if;
    perform register.assert_not_party(of_state, (document ->> 'date')::date);
    insert into register.outlook_entry (reference, state) values (new_reference, of_state);
    version := register.version_add(
        'register.outlook_version', new_reference, register.outlook_content(document), author,
        document ->> 'reason', document ->> 'visibility' = 'internal');
    perform register.finish_write();
    return register.current_write_result(new_reference, version);
end
$$;
comment on function register.outlook_record is
    'Records an outlook entry.';

create function register.outlook_correct(reference text, document jsonb, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    present constant jsonb := register.lock_for_change('register.outlook_version', reference);
begin
    perform register.assert_not_party(entry.state, (document ->> 'date')::date)
       from register.outlook_entry as entry
      where entry.reference = outlook_correct.reference;
    return register.correct(
        'register.outlook_version', reference, present, register.outlook_content(document),
        author, document ->> 'reason',
        'public' not in (present ->> 'visibility', document ->> 'visibility'));
end
$$;
comment on function register.outlook_correct is
    'Corrects an outlook entry; the change is internal unless the old or the new version is '
    'public.';

create function register.outlook_void(reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.void(
        'register.outlook_version', outlook_void.reference, author, outlook_void.reason,
        register.latest_version('register.outlook_version', outlook_void.reference)
            ->> 'visibility' = 'internal')
$$;
comment on function register.outlook_void is
    'Voids an outlook entry.';

-- Replies --------------------------------------------------------------------------------------

create function register.reply_record(document jsonb, author text) returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    of_state constant text := upper(document ->> 'state');
    new_reference constant text := gen_random_uuid()::text;
    version integer;
begin
    perform register.write_lock();
    if of_state is not null
       and not exists (select from register.state as s where s.code = of_state) then
        -- T4001
        perform register.raise_breach('state_exists', 'state', of_state);
    end if;
    insert into register.reply (reference, state) values (new_reference, of_state);
    version := register.version_add(
        'register.reply_version', new_reference, register.reply_content(document), author,
        document ->> 'reason');
    perform register.finish_write();
    return register.current_write_result(new_reference, version);
end
$$;
comment on function register.reply_record is
    'Records a reply.';

create function register.reply_correct(reference text, document jsonb, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.correct(
        'register.reply_version', reply_correct.reference,
        register.lock_for_change('register.reply_version', reply_correct.reference),
        register.reply_content(document), author, document ->> 'reason')
$$;
comment on function register.reply_correct is
    'Corrects a reply; its State does not change.';

create function register.reply_void(reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.void('register.reply_version', reply_void.reference, author, reply_void.reason)
$$;
comment on function register.reply_void is
    'Voids a reply.';

-- Notes ----------------------------------------------------------------------------------------

create function register.note_record(document jsonb, author text) returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    of_state constant text := upper(document ->> 'state');
    content constant jsonb := register.note_content(document);
    -- Of version 4, as register.outlook_record() explains.
    new_reference constant text := gen_random_uuid()::text;
    version integer;
begin
    perform register.write_lock();
    if not exists (select from register.state as s where s.code = of_state) then
        -- T4001
        perform register.raise_breach('state_exists', 'state', of_state);
    end if;
    insert into register.note (reference, state) values (new_reference, of_state);
    version := register.version_add('register.note_version', new_reference, content, author,
                                    document ->> 'reason', content ->> 'visibility' = 'internal');
    perform register.finish_write();
    return register.current_write_result(new_reference, version);
end
$$;
comment on function register.note_record is
    'Records a note.';

create function register.note_correct(reference text, document jsonb, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
declare
    present constant jsonb := register.lock_for_change('register.note_version', reference);
    content constant jsonb := register.note_content(document);
begin
    return register.correct(
        'register.note_version', reference, present, content, author, document ->> 'reason',
        'public' not in (present ->> 'visibility', content ->> 'visibility'));
end
$$;
comment on function register.note_correct is
    'Corrects a note; the change is internal unless the old or the new version is public.';

create function register.note_void(reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.void(
        'register.note_version', note_void.reference, author, note_void.reason,
        register.latest_version('register.note_version', note_void.reference)
            ->> 'visibility' = 'internal')
$$;
comment on function register.note_void is
    'Voids a note.';

commit;
