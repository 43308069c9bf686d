-- The record: States, memberships, treaty actions. Identity is separate from content; content has
-- versions, each with the time range in which the register held it.
begin;
set local role ets144_owner;

create table register.state (
    code text primary key check (code ~ '^[A-Z]{3}$')
);
comment on column register.state.code is 'ISO 3166-1 alpha-3';

-- Names as the Council of Europe has them; subjects as they begin a sentence (The Netherlands,
-- L'Albanie); agreement_fr is the ending of a French participle.
create table register.state_version (
    code text not null references register.state,
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    alpha2 text not null check (alpha2 ~ '^[A-Z]{2}$'),
    numeric_code text not null check (numeric_code ~ '^[0-9]{3}$'),
    name_en text not null,
    name_fr text not null,
    subject_en text not null,
    subject_fr text not null,
    agreement_fr text not null check (agreement_fr in ('', 'e', 's', 'es')),
    primary key (code, recorded),
    exclude using gist (code with =, recorded with &&),
    exclude using gist (alpha2 with =, recorded with &&)
);

-- In PL/pgSQL, because a session keeps its plan: a function in SQL that has a sub-select is planned at
-- each call, which takes longer than the statements that call it.
create function register.state_code_of(code text) returns text
    language plpgsql stable
as $$
begin
    return (select version.code
              from register.state_version as version
             where upper_inf(version.recorded)
               and upper(state_code_of.code) in (version.code, version.alpha2));
end
$$;
comment on function register.state_code_of is
    'The alpha-3 code of a State, for its alpha-2 or alpha-3 code in any letter case; null: '
    'unknown.';

-- A period of membership of the Council of Europe: from member_from until the day before
-- member_until.
create table register.membership (
    state text not null references register.state,
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    member_from date not null,
    member_until date check (member_until > member_from),
    verification text not null,
    note_en text,
    note_fr text,
    sources_disagree boolean not null default false,
    primary key (state, member_from, recorded),
    exclude using gist (
        state with =, recorded with &&, daterange(member_from, member_until) with &&)
);

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
    foreach guarded in array array['state', 'state_version', 'membership', 'action', 'action_version']
    loop
        call register.make_append_only(pg_catalog.format('register.%I', guarded)::regclass);
    end loop;
end
$$;

commit;
