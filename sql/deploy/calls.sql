-- Calls: texts that ask States to sign the Convention or to consent to be bound by it, such as
-- Recommendation 304 (2011) of the Congress.
begin;
set local role ets144_owner;

create table register.call (
    reference text primary key check (reference ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$')
);

create table register.call_version (
    reference text not null references register.call,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    body text not null,
    date date not null,
    title_en text not null,
    title_fr text not null,
    clause text,
    asks_for text[] not null,
    asks_en text not null,
    asks_fr text not null,
    verification text not null,
    sources text[] not null,
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&)
);
create index call_version_known on register.call_version (reference, lower(recorded) desc);
create index call_version_recorded on register.call_version (lower(recorded));

call register.make_append_only('register.call');
call register.make_append_only('register.call_version');

create function register.call_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document('register.call_version', document || jsonb_build_object(
        'asks_for', register.text_array(document -> 'asks_for'),
        'sources', register.text_array(document -> 'sources')));
comment on function register.call_content is
    'The content of a call''s document.';

create function register.calls_known(as_of date, known_at timestamptz)
    returns table (
        reference text, version integer, body text, date date, title_en text, title_fr text,
        clause text, asks_for text[], asks_en text, asks_fr text, verification text,
        sources text[], voided boolean, recorded_at timestamptz, recorded_by text)
    language sql stable
    rows 10
begin atomic
    select call.reference, version.version, version.body, version.date, version.title_en,
           version.title_fr, version.clause, version.asks_for, version.asks_en, version.asks_fr,
           version.verification, version.sources, version.voided, lower(version.recorded),
           version.author
      from register.call
     cross join lateral (
               select v.*
                 from register.call_version as v
                where v.reference = call.reference and lower(v.recorded) <= known_at
                order by lower(v.recorded) desc
                limit 1
           ) as version
     where version.date <= as_of;
end;
comment on function register.calls_known is
    'The calls made up to a day, as known at a moment, voided calls included.';

create function register.call_breaches(of_references text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with known as materialized (
        select k.* from register.calls_known('infinity', 'infinity') as k
         where not k.voided and (of_references is null or k.reference = any (of_references))
    )
    -- T4081
    select 'call_body_exists' as rule, known.reference, 'body' as field,
           array[known.body] as arguments
      from known
     where not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'bodies' and term.code = known.body)

    union all
    -- T4082
    select 'call_asks_for_something', known.reference, 'asks_for', array[known.reference]
      from known
     where cardinality(known.asks_for) = 0 or not known.asks_for <@ array['signature', 'consent']
        or cardinality(known.asks_for) <> (select count(distinct asked)
                                             from unnest(known.asks_for) as asked)

    union all
    -- T4003
    select 'verification_exists', known.reference, 'verification', array[known.verification]
      from known
     where not exists (select
                         from register.verification
                        where verification.code = known.verification)

    union all
    -- T4013
    select 'sources_match_verification', known.reference, 'sources',
           array[known.reference, known.verification, verification.sources_needed::text]
      from known
      join register.verification on verification.code = known.verification
     where cardinality(known.sources) < verification.sources_needed

    union all
    -- T4014
    select 'day_not_in_future', known.reference, 'date', array[known.reference]
      from known
     where known.date > register.today()

    union all
    -- T4015, Article 11
    select 'open_for_signature', known.reference, 'date', array[known.reference]
      from known
     where known.date < date '1992-02-05';
end;
comment on function register.call_breaches is
    'The breaches in the current calls of the references (null: in all), with a labelled select '
    'for each rule.';

commit;
