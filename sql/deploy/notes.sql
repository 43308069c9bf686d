-- Notes: what the secretariat found out about an anomaly, or about a difference between the register
-- and an official chart, and whether it was accepted. A note is public or internal to the
-- secretariat.
begin;
set local role ets144_owner;

create table register.note (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    state text not null references register.state
);

-- The subject is an anomaly of the State, of its action if it has any, or a difference in a field of
-- a reconciliation. The two values are those that differed: the note is about no other.
create table register.note_version (
    reference text not null references register.note,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    anomaly text,
    action text,
    difference text,
    register_value jsonb,
    chart_value jsonb,
    outcome text not null,
    text_en text,
    text_fr text,
    owner text,
    visibility text not null,
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&)
);
create index note_version_known on register.note_version (reference, lower(recorded) desc);
create index note_version_recorded on register.note_version (lower(recorded));
comment on column register.note_version.revision is
    'Of an internal version: the newest public revision then';
comment on column register.note_version.owner is
    'Who looks after the matter';

call register.make_append_only('register.note');
call register.make_append_only('register.note_version');

-- The action and the verification do not count: only the days and letters are compared.
create function register.difference_value(value jsonb) returns jsonb
    language sql immutable parallel safe
    return case when jsonb_typeof(value) = 'object'
                then nullif(jsonb_strip_nulls(value - array['action', 'verification']), '{}') end;
comment on function register.difference_value is
    'A value of a reconciliation''s field, as notes compare it; null: absent.';

create function register.note_content(document jsonb) returns jsonb
    language sql stable
    return (select register.content_from_document(
                       'register.note_version',
                       document - 'subject'
                       || jsonb_build_object(
                              'anomaly', subject.said -> 'anomaly',
                              'action', upper(subject.said ->> 'action'),
                              'difference', subject.said -> 'difference',
                              'register_value',
                              register.difference_value(subject.said -> 'register'),
                              'chart_value', register.difference_value(subject.said -> 'chart'),
                              'visibility', coalesce(document ->> 'visibility', 'internal')))
              from (select document -> 'subject' as said) as subject);
comment on function register.note_content is
    'The content of a note''s document; a note is internal unless it says otherwise.';

create function register.notes_known(known_at timestamptz, internal boolean)
    returns table (
        reference text, state text, version integer, anomaly text, action text, difference text,
        register_value jsonb, chart_value jsonb, outcome text, text_en text, text_fr text,
        owner text, visibility text, voided boolean, recorded_at timestamptz, recorded_by text)
    language sql stable
    rows 50
begin atomic
    select note.reference, note.state,
           case when internal then version.version
                else register.public_version('register.note_version', version.reference,
                                             version.version) end,
           version.anomaly, version.action, version.difference, version.register_value,
           version.chart_value, version.outcome, version.text_en, version.text_fr, version.owner,
           version.visibility, version.voided, lower(version.recorded), version.author
      from register.note
     cross join lateral (
               select v.*
                 from register.note_version as v
                where v.reference = note.reference and lower(v.recorded) <= known_at
                order by lower(v.recorded) desc
                limit 1
           ) as version
     where internal or version.visibility = 'public';
end;
comment on function register.notes_known is
    'The notes as known at a moment, voided notes included; internal notes, and the number that '
    'counts internal versions, only on request.';

create function register.anomaly_notes_at(known_at timestamptz, internal boolean)
    returns table (
        reference text, state text, anomaly text, action text, outcome text, text_en text,
        text_fr text, owner text, visibility text)
    language sql stable
    rows 50
begin atomic
    select distinct on (note.state, note.anomaly, note.action)
           note.reference, note.state, note.anomaly, note.action, note.outcome, note.text_en,
           note.text_fr, note.owner, note.visibility
      from register.notes_known(anomaly_notes_at.known_at, anomaly_notes_at.internal) as note
     where not note.voided and note.anomaly is not null
     order by note.state, note.anomaly, note.action, note.recorded_at desc, note.reference;
end;
comment on function register.anomaly_notes_at is
    'The newest note on each anomaly that has any, as known at a moment; internal notes only on '
    'request.';

create function register.difference_notes_at(known_at timestamptz, internal boolean)
    returns table (
        reference text, state text, field text, register_value jsonb, chart_value jsonb,
        outcome text, text_en text, text_fr text, owner text, visibility text)
    language sql stable
    rows 50
begin atomic
    select distinct on (note.state, note.difference, note.register_value, note.chart_value)
           note.reference, note.state, note.difference, note.register_value, note.chart_value,
           note.outcome, note.text_en, note.text_fr, note.owner, note.visibility
      from register.notes_known(difference_notes_at.known_at, difference_notes_at.internal) as note
     where not note.voided and note.difference is not null
     order by note.state, note.difference, note.register_value, note.chart_value,
              note.recorded_at desc, note.reference;
end;
comment on function register.difference_notes_at is
    'The newest note on each difference that has any, as known at a moment; internal notes only on '
    'request. A note is on a difference of a reconciliation if State, field and both values, by '
    'register.difference_value(), are the same; accepted differences have the outcome "accepted".';

create function register.note_breaches(of_references text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with known as materialized (
        select k.* from register.notes_known('infinity', true) as k
         where not k.voided and (of_references is null or k.reference = any (of_references))
    )
    -- T4091
    select 'visibility_exists' as rule, known.reference, 'visibility' as field,
           array[known.visibility] as arguments
      from known
     where not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'visibilities' and term.code = known.visibility)

    union all
    -- T4019
    select 'text_given' as rule, known.reference, 'text_en' as field,
           array[known.reference] as arguments
      from known
     where coalesce(known.text_en, known.text_fr) is null

    union all
    -- T4094
    select 'note_has_subject' as rule, known.reference, 'subject' as field,
           array[known.reference] as arguments
      from known
     where num_nonnulls(known.anomaly, known.difference) <> 1
        or (known.anomaly is not null
            and not exists (select from register.anomaly where anomaly.code = known.anomaly))
        or (known.difference is not null
            and (known.action is not null
                 or known.difference <> all (array['signature', 'consent', 'entry_into_force',
                                                   'letters'])))

    union all
    -- T4095
    select 'note_action_of_state' as rule, known.reference, 'subject/action' as field,
           array[known.action, known.state] as arguments
      from known
     where known.action is not null
       and not exists (select
                         from register.action
                        where action.reference = known.action and action.state = known.state)

    union all
    -- T4096
    select 'note_values_differ' as rule, known.reference, 'subject/chart' as field,
           array[known.reference] as arguments
      from known
     where known.difference is not null
       and known.register_value is not distinct from known.chart_value

    union all
    -- T4097
    select 'outcome_exists' as rule, known.reference, 'outcome' as field,
           array[known.outcome] as arguments
      from known
     where not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'outcomes' and term.code = known.outcome);
end;
comment on function register.note_breaches is
    'The breaches in the current notes of the references (null: in all), with a labelled select '
    'for each rule.';

commit;
