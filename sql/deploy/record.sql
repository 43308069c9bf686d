-- The record: States, memberships, treaty actions. Identity stands apart from content; content has
-- versions, each with the range of time in which the register held it to be so.
begin;
set local role ets144_owner;

create table register.state (
    code text primary key check (code ~ '^[A-Z]{3}$')
);
comment on column register.state.code is 'ISO 3166-1 alpha-3';

create table register.state_version (
    code text not null references register.state,
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    alpha2 text not null check (alpha2 ~ '^[A-Z]{2}$'),
    numeric_code text not null check (numeric_code ~ '^[0-9]{3}$'),
    name_en text not null,
    name_fr text not null,
    primary key (code, recorded),
    exclude using gist (code with =, recorded with &&),
    exclude using gist (alpha2 with =, recorded with &&)
);

-- A period as member of the Council of Europe: from member_from until the day before member_until.
create table register.membership (
    state text not null references register.state,
    recorded tstzrange not null,
    revision bigint not null references register.revision_log,
    member_from date not null,
    member_until date check (member_until > member_from),
    verification text not null,
    note text,
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
    exclude using gist (reference with =, recorded with &&)
);
comment on column register.action_version.date is
    'The day it was done; of an unconfirmed day the best known, or null';
comment on column register.action_version.received_on is
    'The day the depositary received it, where it is dated otherwise';

-- The version known at a moment is one probe of this index, however many versions there are.
create index action_version_known on register.action_version (reference, lower(recorded) desc);

-- History is kept: a version's only change is that its time ends, once.
create function register.history_is_kept() returns trigger
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
        using errcode = 'T5009', constraint = 'history_is_kept', table = tg_table_name;
end
$$;

create function register.identity_is_kept() returns trigger
    language plpgsql
as $$
begin
    raise exception 'What the register has held is never changed or deleted.'
        using errcode = 'T5009', constraint = 'history_is_kept', table = tg_table_name;
end
$$;

do $$
declare
    kept text;
begin
    foreach kept in array array['state', 'state_version', 'membership', 'action',
                                'action_version', 'revision_log']
    loop
        -- The tables without a range of time have nothing that may change at all.
        execute pg_catalog.format(
            'create trigger history_is_kept before update or delete on register.%I
             for each row execute function register.%I()',
            kept,
            case when kept in ('state_version', 'membership', 'action_version')
                 then 'history_is_kept' else 'identity_is_kept' end);
        execute pg_catalog.format(
            'create trigger history_is_not_truncated before truncate on register.%I
             for each statement execute function register.identity_is_kept()', kept);
    end loop;
end
$$;

commit;
