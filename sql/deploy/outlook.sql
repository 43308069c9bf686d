-- The outlook: the stage of a State that is not a Party on the way to ratification. Each entry is
-- for a day, and is public or internal to the secretariat. A published entry stays in the
-- register's past.
begin;
set local role ets144_owner;

create function register.uuid_v7() returns text
    language sql volatile
    return (select format('%s-%s-7%s-%s-%s', substr(stamp.hex, 1, 8), substr(stamp.hex, 9, 4),
                          substr(random.hex, 14, 3), substr(random.hex, 17, 4),
                          substr(random.hex, 21, 12))
              from (select lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint),
                                12, '0') as hex) as stamp,
                   (select replace(gen_random_uuid()::text, '-', '') as hex) as random);
comment on function register.uuid_v7 is
    'A UUID of version 7 (RFC 9562), which does not reveal how many there are.';

create table register.outlook_entry (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    state text not null references register.state
);

create table register.outlook_version (
    reference text not null references register.outlook_entry,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    stage text not null,
    date date not null,
    next_step_en text,
    next_step_fr text,
    note_en text,
    note_fr text,
    visibility text not null,
    sources text[] not null,
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&)
);
create index outlook_version_known on register.outlook_version (reference, lower(recorded) desc);
create index outlook_version_recorded on register.outlook_version (lower(recorded));
comment on column register.outlook_version.revision is
    'Of an internal version: the newest public revision then';

call register.make_append_only('register.outlook_entry');
call register.make_append_only('register.outlook_version');

create function register.outlook_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document(
        'register.outlook_version',
        document || jsonb_build_object('sources', register.text_array(document -> 'sources')));
comment on function register.outlook_content is
    'The content of an outlook entry''s document.';

create function register.outlook_known(as_of date, known_at timestamptz, internal boolean)
    returns table (
        reference text, state text, version integer, stage text, date date, next_step_en text,
        next_step_fr text, note_en text, note_fr text, visibility text, sources text[],
        voided boolean, recorded_at timestamptz, recorded_by text)
    language sql stable
    rows 50
begin atomic
    select entry.reference, entry.state,
           case when internal then version.version
                else register.public_version('register.outlook_version', version.reference,
                                             version.version) end,
           version.stage, version.date,
           version.next_step_en, version.next_step_fr, version.note_en, version.note_fr,
           version.visibility, version.sources, version.voided, lower(version.recorded),
           version.author
      from register.outlook_entry as entry
     cross join lateral (
               select v.*
                 from register.outlook_version as v
                where v.reference = entry.reference and lower(v.recorded) <= known_at
                order by lower(v.recorded) desc
                limit 1
           ) as version
     where version.date <= as_of
       and (internal or version.visibility = 'public');
end;
comment on function register.outlook_known is
    'The outlook entries for days up to as_of, as known at a moment, voided entries included; '
    'internal entries, and the number that counts internal versions, only on request.';

create function register.outlook_breaches(of_references text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with known as materialized (
        select k.* from register.outlook_known('infinity', 'infinity', true) as k
         where not k.voided and (of_references is null or k.reference = any (of_references))
    )
    -- T4090
    select 'stage_exists' as rule, known.reference, 'stage' as field,
           array[known.stage] as arguments
      from known
     where not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'stages' and term.code = known.stage)

    union all
    -- T4091
    select 'visibility_exists', known.reference, 'visibility', array[known.visibility]
      from known
     where not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'visibilities' and term.code = known.visibility)

    union all
    -- T4093
    select 'public_outlook_has_source', known.reference, 'sources', array[known.reference]
      from known
     where known.visibility = 'public' and known.stage <> 'no_information'
       and cardinality(known.sources) = 0

    union all
    -- T4014
    select 'day_not_in_future', known.reference, 'date', array[known.reference]
      from known
     where known.date > register.today();
end;
comment on function register.outlook_breaches is
    'The breaches in the current outlook entries of the references (null: in all), with a labelled select '
    'for each rule.';

commit;
