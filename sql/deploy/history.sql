-- History: the register never changes or loses what it has recorded. A record has an identity (its
-- reference) and versions of its content, each with the time range in which the register held it.
-- Every table of versions has the columns
--     reference, version, recorded, revision, author, reason, voided
-- followed by the content; the functions here work on any of them.
begin;
set local role ets144_owner;

create function register.reject_change() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'UPDATE' then
        if upper_inf(old.recorded) and not upper_inf(new.recorded)
           and lower(new.recorded) = lower(old.recorded)
           and pg_catalog.to_jsonb(new) - 'recorded' = pg_catalog.to_jsonb(old) - 'recorded' then
            return new;
        end if;
    end if;
    raise exception 'What the register has held is never changed or deleted; record a new version.'
        using errcode = 'T5009', constraint = 'append_only', table = tg_table_name;
end
$$;
comment on function register.reject_change is
    'Trigger function: rejects every change of a version except the one that ends its time.';

create function register.reject_any_change() returns trigger
    language plpgsql
as $$
begin
    raise exception 'What the register has held is never changed or deleted.'
        using errcode = 'T5009', constraint = 'append_only', table = tg_table_name;
end
$$;
comment on function register.reject_any_change is
    'Trigger function: rejects every change, for tables without a time range and for truncate.';

create procedure register.make_append_only(guarded regclass)
    language plpgsql
as $$
begin
    execute format(
        'create trigger reject_change before update or delete on %s
         for each row execute function register.%I()',
        guarded,
        case when exists (select
                            from pg_attribute as a
                           where a.attrelid = guarded and a.attname = 'recorded')
             then 'reject_change' else 'reject_any_change' end);
    execute format(
        'create trigger reject_truncate before truncate on %s
         for each statement execute function register.reject_any_change()', guarded);
end
$$;
comment on procedure register.make_append_only is
    'Makes a table append-only with two triggers.';

call register.make_append_only('register.revision_log');

create function register.text_array(list jsonb) returns text[]
    language sql immutable parallel safe
    return coalesce(
        (select array_agg(entry.value order by entry.place)
           from jsonb_array_elements_text(
                    case when jsonb_typeof(list) = 'array' then list else '[]' end)
                with ordinality as entry (value, place)), '{}');
comment on function register.text_array is
    'The texts of a JSON list, in order; anything other than a list is an empty array.';

create function register.content_of(version jsonb) returns jsonb
    language sql immutable
    return version - array['reference', 'version', 'recorded', 'revision', 'author', 'reason'];
comment on function register.content_of is
    'The content of a version, without who recorded it and when.';

create function register.content_from_document(versions regclass, document jsonb) returns jsonb
    language plpgsql stable
as $$
declare
    content jsonb;
begin
    execute format('select pg_catalog.to_jsonb(pg_catalog.jsonb_populate_record(null::%s, $1))',
                   versions)
       into content
      using document || '{"voided": false}';
    return register.content_of(content);
end
$$;
comment on function register.content_from_document is
    'A document as content: the columns of the table of versions, not voided.';

create function register.latest_version(versions regclass, reference text) returns jsonb
    language plpgsql stable
as $$
declare
    newest jsonb;
begin
    execute format('select pg_catalog.to_jsonb(v) from %s as v where v.reference = $1
                     order by pg_catalog.lower(v.recorded) desc limit 1', versions)
       into newest
      using reference;
    return newest;
end
$$;
comment on function register.latest_version is
    'The latest version of a reference, voided or not; null: the reference is unknown.';

-- An internal change has a time and no revision. The time range becomes text and a range again; the
-- settings keep the format of the session from changing the time on the way.
create function register.version_add(
    versions regclass, reference text, content jsonb, author text, reason text,
    internal boolean default false)
    returns integer
    language plpgsql volatile
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    present constant jsonb := register.latest_version(versions, reference);
    next_version constant integer := coalesce((present ->> 'version')::integer, 0) + 1;
    opened bigint;
    since timestamptz;
begin
    if internal then
        since := register.internal_change_time();
    else
        -- An empty time range is not allowed, so a second change of this transaction to the same
        -- record begins a further revision.
        opened := register.begin_revision(author, reason);
        if (present ->> 'revision')::bigint = opened then
            opened := register.open_revision(author, reason);
        end if;
        since := register.revision_time(opened);
    end if;
    execute format(
        'update %s as v
            set recorded = pg_catalog.tstzrange(pg_catalog.lower(v.recorded), $2)
          where v.reference = $1 and v.version = $3', versions)
      using reference, since, next_version - 1;
    execute format('insert into %1$s select (pg_catalog.jsonb_populate_record(null::%1$s, $1)).*',
                   versions)
      using content || jsonb_build_object(
                'reference', reference, 'version', next_version,
                'recorded', tstzrange(since, null),
                'revision', (select r.number from register.revision as r),
                'author', author, 'reason', reason,
                'voided', coalesce((content ->> 'voided')::boolean, false));
    return next_version;
end
$$;
comment on function register.version_add is
    'Adds a version under the transaction''s revision and ends the time of the version before.';

commit;
