-- The record: States, memberships, treaty actions. Identity is separate from content; content has
-- versions, each with the time range in which the register held it.
begin;
set local role ets144_owner;

create table register.state (
    code text primary key check (code ~ '^[A-Z]{3}$')
);
comment on column register.state.code is 'ISO 3166-1 alpha-3';

create function register.day_range(first date, until date) returns daterange
    language sql immutable parallel safe
    return daterange(first, case when until is not null then greatest(first, until) end);
comment on function register.day_range is
    'The days from the first until the day before another (null: no end), none if the two cross.';

-- A name of a State, as the Council of Europe has it, and the days on which the State bore it. The
-- subjects are as they begin a sentence (The Netherlands, L'Albanie); agreement_fr is the ending of a
-- French participle.
create type register.used_name as (
    used_from date, used_until date, name_en text, name_fr text, subject_en text, subject_fr text,
    agreement_fr text);

-- A State is from existed_from until the day before existed_until. It has its codes as long as it
-- is, and names without a gap: the first has no first day, the last has no last day. Whether a code
-- is free is judged as a rule; the constraints, checked at the end of a transaction, hold for every
-- writer.
create table register.state_version (
    reference text not null references register.state,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    alpha2 text not null check (alpha2 ~ '^[A-Z]{2}$'),
    numeric_code text not null check (numeric_code ~ '^[0-9]{3}$'),
    names register.used_name[] not null check (cardinality(names) > 0),
    existed_from date,
    existed_until date,
    note_en text,
    note_fr text,
    verification text not null,
    sources text[] not null default '{}',
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&),
    constraint state_version_alpha2_excl exclude using gist (
        alpha2 with =, recorded with &&, register.day_range(existed_from, existed_until) with &&)
        where (not voided) deferrable initially deferred,
    constraint state_version_numeric_code_excl exclude using gist (
        numeric_code with =, recorded with &&,
        register.day_range(existed_from, existed_until) with &&)
        where (not voided) deferrable initially deferred
);
comment on column register.state_version.reference is 'The State''s ISO 3166-1 alpha-3 code';
create index state_version_recorded on register.state_version (lower(recorded));

-- Every reader takes the name of a day, valid @> as_of, as known at a moment, recorded @> known_at.
create view register.named_state with (security_invoker = true) as
select version.reference as code, version.recorded, version.alpha2, version.numeric_code,
       version.existed_from, version.existed_until,
       daterange(used.used_from, used.used_until) as valid,
       used.name_en, used.name_fr, used.subject_en, used.subject_fr, used.agreement_fr
  from register.state_version as version
 cross join lateral unnest(version.names) as used
 where not version.voided;
comment on view register.named_state is
    'The States with their codes and names; valid: the days on which the State bore the name.';

-- States of different times may have had the same alpha-2 code: the State of the day has it, then
-- the one that was last.
-- In PL/pgSQL, because a session keeps its plan: a function in SQL that has a sub-select is planned at
-- each call, which takes longer than the statements that call it.
create function register.state_code_of(
    code text, as_of date default null, known_at timestamptz default 'infinity') returns text
    language plpgsql stable
as $$
begin
    return (select version.reference
              from register.state_version as version
             where version.recorded @> coalesce(state_code_of.known_at, 'infinity')
               and upper(state_code_of.code) in (version.reference, version.alpha2)
             order by version.voided, version.reference = upper(state_code_of.code) desc,
                      register.day_range(version.existed_from, version.existed_until)
                      @> coalesce(state_code_of.as_of, register.today()) desc,
                      version.existed_until desc nulls first
             limit 1);
end
$$;
comment on function register.state_code_of is
    'The alpha-3 code of a State, for its alpha-2 or alpha-3 code in any letter case, on a day (null: '
    'today), as known at a moment; of a voided State if no other has the code; null: unknown.';

-- A period of membership of the Council of Europe: from member_from until the day before
-- member_until. The M keeps its reference apart from those of actions.
create table register.membership (
    reference text primary key,
    state text not null references register.state,
    number integer not null check (number > 0),
    unique (state, number),
    check (reference = state || '-M' || number)
);

create table register.membership_version (
    reference text not null references register.membership,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    member_from date not null,
    member_until date,
    note_en text,
    note_fr text,
    sources_disagree boolean not null default false,
    verification text not null,
    sources text[] not null default '{}',
    primary key (reference, version),
    exclude using gist ((reference || '') with =, recorded with &&),
    constraint membership_version_period_excl exclude using gist (
        split_part(reference, '-', 1) with =, recorded with &&,
        register.day_range(member_from, member_until) with &&)
        where (not voided) deferrable initially deferred
);
create index membership_version_recorded on register.membership_version (lower(recorded));

create function register.memberships_at(known_at timestamptz, of_states text[] default null)
    returns table (reference text, state text, member_from date, member_until date,
                   period daterange, sources_disagree boolean, note_en text, note_fr text)
    language sql stable
    rows 50
begin atomic
    select membership.reference, membership.state, version.member_from, version.member_until,
           register.day_range(version.member_from, version.member_until),
           version.sources_disagree, version.note_en, version.note_fr
      from register.membership
      join register.membership_version as version on version.reference = membership.reference
     where version.recorded @> known_at and not version.voided
       and (of_states is null or membership.state = any (of_states));
end;
comment on function register.memberships_at is
    'The memberships of States (null: of every State), as known at a moment and not voided.';

create table register.action (
    reference text primary key,
    state text not null references register.state,
    number integer not null check (number > 0),
    unique (state, number),
    check (reference = state || '-' || number)
);

create table register.action_version (
    reference text not null references register.action,
    version integer not null check (version > 0),
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    author text not null,
    reason text,
    voided boolean not null default false,
    kind text not null,
    date date,
    not_before date,
    not_after date,
    received_on date,
    published_effective_date date,
    articles text[] not null default '{}',
    chapters text[] not null default '{}',
    territories_covered text[] not null default '{}',
    territories_left_out text[] not null default '{}',
    refers_to text,
    summary_en text,
    summary_fr text,
    vehicle_en text,
    vehicle_fr text,
    original_language text,
    verification text not null,
    sources text[] not null default '{}',
    primary key (reference, version),
    -- An expression keeps the planner from using this index to find a reference: it is ten times
    -- slower than the B-trees below.
    constraint action_version_reference_recorded_excl
        exclude using gist ((reference || '') with =, recorded with &&)
);
comment on column register.action_version.date is
    'The day it was done; of an unconfirmed day the best known, or null';
comment on column register.action_version.received_on is
    'The day the depositary received it, where it is dated otherwise';

-- Finding the version known at a moment is a single index probe. Current versions, which most
-- readers want, have a partial index: it stays as small as the record, however many versions there
-- are.
create index action_version_current on register.action_version (reference)
 where upper_inf(recorded);
create index action_version_known on register.action_version (reference, lower(recorded) desc);
-- The consents of member States, of which each write asks the Convention's entry into force.
create index action_version_consent on register.action_version (reference)
 where upper_inf(recorded) and kind in ('ratification', 'acceptance', 'approval');
create index action_version_consent_before on register.action_version using gist (recorded)
 where not upper_inf(recorded) and kind in ('ratification', 'acceptance', 'approval');

-- The successions, of which each write asks whether they rest on what it changed.
create index action_version_succession on register.action_version (reference)
 where upper_inf(recorded) and kind in ('signature_succession', 'succession');

-- The expression in the first branch keeps the planner from combining it with the index of all
-- beginnings, which would be read up to the moment, for each action.
create function register.action_version_at(reference text, known_at timestamptz)
    returns setof register.action_version
    language sql stable
    rows 1
begin atomic
    select held.*
      from ((select v.*
               from register.action_version as v
              where v.reference = action_version_at.reference and upper_inf(v.recorded)
                and coalesce(lower(v.recorded), '-infinity') <= known_at)
             union all
            (select v.*
               from register.action_version as v
              where v.reference = action_version_at.reference and not upper_inf(v.recorded)
                and lower(v.recorded) <= known_at and upper(v.recorded) > known_at
              order by lower(v.recorded) desc
              limit 1)) as held
     limit 1;
end;
comment on function register.action_version_at is
    'The version of an action that the register held at a moment; empty: not recorded yet.';
-- Finds the versions that begin at a moment.
create index action_version_recorded on register.action_version (lower(recorded));

do $$
declare
    guarded text;
begin
    foreach guarded in array array['state', 'state_version', 'membership', 'membership_version', 'action',
                                 'action_version']
    loop
        call register.make_append_only(pg_catalog.format('register.%I', guarded)::regclass);
    end loop;
end
$$;

commit;
