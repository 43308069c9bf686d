-- Replies: what a State or a body answered to a call.
begin;
set local role ets144_owner;

create table register.reply (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    state text references register.state
);
comment on column register.reply.state is 'Null: a body replied';

create table register.reply_version (
    reference text not null references register.reply,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    call text not null,
    body text,
    date date not null,
    text_en text,
    text_fr text,
    verification text not null,
    sources text[] not null,
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&)
);
create index reply_version_known on register.reply_version (reference, lower(recorded) desc);
create index reply_version_recorded on register.reply_version (lower(recorded));
create index reply_version_to_call on register.reply_version (call);

call register.make_append_only('register.reply');
call register.make_append_only('register.reply_version');

create function register.reply_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document('register.reply_version', document || jsonb_build_object(
        'call', upper(document ->> 'call'),
        'sources', register.text_array(document -> 'sources')));
comment on function register.reply_content is
    'The content of a reply''s document.';

create function register.replies_known(as_of date, known_at timestamptz)
    returns table (
        reference text, state text, version integer, call text, body text, date date,
        text_en text, text_fr text, verification text, sources text[], voided boolean,
        recorded_at timestamptz, recorded_by text)
    language sql stable
    rows 50
begin atomic
    select reply.reference, reply.state, version.version, version.call, version.body, version.date,
           version.text_en, version.text_fr, version.verification, version.sources, version.voided,
           lower(version.recorded), version.author
      from register.reply
     cross join lateral (
               select v.*
                 from register.reply_version as v
                where v.reference = reply.reference and lower(v.recorded) <= known_at
                order by lower(v.recorded) desc
                limit 1
           ) as version
     where version.date <= as_of;
end;
comment on function register.replies_known is
    'The replies given up to a day, as known at a moment, voided replies included.';

create function register.reply_breaches(
    of_references text[] default null, of_calls text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with called as materialized (
        select c.* from register.calls_known('infinity', 'infinity') as c
    ),
    known as materialized (
        select k.* from register.replies_known('infinity', 'infinity') as k
         where not k.voided
           and (of_references is null or k.reference = any (of_references)
                or k.call = any (of_calls))
    ),
    touched as materialized (
        select known.* from known
         where of_references is null or known.reference = any (of_references)
    )
    -- T4083
    select 'reply_to_call' as rule, touched.reference, 'call' as field,
           array[touched.call] as arguments
      from touched
     where not exists (select
                         from called
                        where called.reference = touched.call and not called.voided)

    union all
    -- T4084
    select 'reply_not_before_call' as rule, known.reference, 'date' as field,
           array[known.reference, known.call, called.date::text] as arguments
      from known
      join called on called.reference = known.call
     where known.date < called.date

    union all
    -- T4085
    select 'reply_by_state_or_body' as rule, touched.reference, 'body' as field,
           array[touched.reference] as arguments
      from touched
     where num_nonnulls(touched.state, touched.body) <> 1

    union all
    -- T4086
    select 'call_without_replies' as rule, called.reference, null::text as field,
           array[called.reference, count(*)::text] as arguments
      from called
      join known on known.call = called.reference
     where called.voided and (of_calls is null or called.reference = any (of_calls))
     group by called.reference

    union all
    -- T4081
    select 'call_body_exists' as rule, touched.reference, 'body' as field,
           array[touched.body] as arguments
      from touched
     where touched.body is not null
       and not exists (select
                         from register.vocabulary_term as term
                        where term.vocabulary = 'bodies' and term.code = touched.body)

    union all
    -- T4019
    select 'text_given' as rule, touched.reference, 'text_en' as field,
           array[touched.reference] as arguments
      from touched
     where coalesce(touched.text_en, touched.text_fr) is null

    union all
    -- T4003
    select 'verification_exists' as rule, touched.reference, 'verification' as field,
           array[touched.verification] as arguments
      from touched
     where not exists (select
                         from register.verification
                        where verification.code = touched.verification)

    union all
    -- T4013
    select 'sources_match_verification' as rule, touched.reference, 'sources' as field,
           array[touched.reference, touched.verification, verification.sources_needed::text]
               as arguments
      from touched
      join register.verification on verification.code = touched.verification
     where cardinality(touched.sources) < verification.sources_needed

    union all
    -- T4014
    select 'day_not_in_future' as rule, touched.reference, 'date' as field,
           array[touched.reference] as arguments
      from touched
     where touched.date > register.today();
end;
comment on function register.reply_breaches is
    'The breaches in the current replies of the references (null: in all) and to the calls, with a '
    'labelled select for each rule.';

commit;
