-- What every write needs: its result, the content of a document, and the entry of new actions. A
-- document is JSON with the field names of the columns. changesets.sql has the way into the record.
begin;
set local role ets144_owner;

-- The result of every write.
--   reference  of the record, or of the changeset that was asked for as such
--   version    of the record; of a changeset null
--   changeset  that the write is; null: it changed nothing
--   known_at   the time of the revision
--   at         the time of the newest change, which may be internal
create type register.write_result as (
    reference text, version integer, revision bigint, as_of date, known_at timestamptz,
    at timestamptz, changeset text);

create function register.current_write_result(reference text, version integer, changeset text)
    returns register.write_result
    language sql stable
    return (select (current_write_result.reference, current_write_result.version,
                    revision.number, register.today(), register.revision_time(revision.number),
                    revision.at, current_write_result.changeset)::register.write_result
              from register.revision);
comment on function register.current_write_result is
    'The result of a write at the current revision.';

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

commit;
