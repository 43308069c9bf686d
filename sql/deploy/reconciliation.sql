-- Reconciliation: an official chart beside the register. It writes nothing; it proposes requests,
-- and a person decides.
begin;
set local role ets144_owner;

-- Other names and codes of States, as the Treaty Office and others write them: data from sql/data
-- that no record depends on.
--   treaty_office_code  the Treaty Office's own, where known
--   code                another code in use that identifies a single State
--   name                in English or French
create table register.state_name (
    state text not null references register.state,
    name text not null,
    kind text not null check (kind in ('treaty_office_code', 'code', 'name')),
    primary key (name, kind)
);

create function register.name_key(name text) returns text
    language sql immutable strict parallel safe
    return btrim(regexp_replace(
               regexp_replace(normalize(lower(name collate "und-x-icu"), nfkd),
                              '[\u0300-\u036f]', '', 'g'),
               '[^a-z]+', ' ', 'g'));
comment on function register.name_key is
    'The key under which names are compared: letters without accents in lower case, so that '
    'footnote marks, brackets and apostrophes do not matter.';

create function register.state_keys() returns table (key text, state text)
    language sql stable
    rows 250
begin atomic
    select register.name_key(known.name), version.code
      from register.named_state as version
     cross join lateral unnest(array[version.code, version.alpha2, version.name_en,
                                     version.name_fr]) as known (name)
     where upper_inf(version.recorded)
     union
    select register.name_key(other.name), other.state
      from register.state_name as other;
end;
comment on function register.state_keys is
    'The keys of every code and name of every State.';

create function register.chart_rows(chart jsonb)
    returns table (
        line integer, code text, name text, state text, nth bigint, signature jsonb, consent jsonb,
        entry_into_force date, letters jsonb)
    language sql stable
    rows 50
begin atomic
    with given as materialized (
        select entry.line, entry.code, entry.name, entry.signature, entry.consent,
               entry.entry_into_force, entry.letters
          from jsonb_to_recordset(chart) as entry (
                   line integer, code text, name text, signature jsonb, consent jsonb,
                   entry_into_force date, letters jsonb)
    ),
    said as (
        select given.line, register.name_key(text.said) as key
          from given
         cross join lateral unnest(array[given.code, given.name]) as text (said)
    ),
    meant as (
        select said.line,
               case when count(distinct known.state) = 1 then min(known.state) end as state
          from said
          join register.state_keys() as known on known.key = said.key
         group by said.line
    )
    select given.line, given.code, given.name, meant.state,
           row_number() over (partition by meant.state order by given.line), given.signature,
           given.consent, given.entry_into_force, given.letters
      from given
      left join meant on meant.line = given.line;
end;
comment on function register.chart_rows is
    'The rows of a chart with their States; state is null if code and name match no State or two; '
    'nth counts the rows of a State.';

create function register.days_agree(register_days daterange, chart_days daterange) returns text
    language sql immutable parallel safe
    return case when register_days is null and chart_days is null then 'agrees'
                when register_days is null then 'only_chart'
                when chart_days is null then 'only_register'
                when register_days = chart_days then 'agrees'
                when register_days && chart_days then 'compatible'
                else 'differs' end;
comment on function register.days_agree is
    'How a day of the register agrees with a day of the chart; each may lie between bounds, null: '
    'absent.';

create function register.chart_days(act jsonb) returns daterange
    language sql immutable parallel safe
    return case when act is not null then
               daterange(coalesce((act ->> 'date')::date, (act ->> 'not_before')::date,
                                  '-infinity'),
                         coalesce((act ->> 'date')::date, (act ->> 'not_after')::date, 'infinity'),
                         '[]') end;
comment on function register.chart_days is
    'The days that a chart allows for an act; null: the act is not in the chart.';

create function register.chart_address() returns text
    language sql immutable parallel safe
    return 'https://www.coe.int/en/web/conventions/full-list?module=signatures-by-treaty&treatynum=144';
comment on function register.chart_address is
    'The address of the Treaty Office''s chart.';

create function register.corrected_by_chart(
    reference text, act jsonb, published_effective_date date, lang text)
    returns jsonb
    language sql stable
    return (
        select jsonb_strip_nulls(
                   register.content_of(to_jsonb(held))
                   - array['voided', 'territories_covered', 'territories_left_out']
                   || jsonb_build_object(
                          'territories',
                          case when held.territories_covered || held.territories_left_out <> '{}'
                               then jsonb_build_object('covered', held.territories_covered,
                                                       'left_out', held.territories_left_out) end,
                          'published_effective_date',
                          coalesce(corrected_by_chart.published_effective_date,
                                   held.published_effective_date),
                          'sources',
                          case when register.chart_address() = any (held.sources)
                               then to_jsonb(held.sources)
                               else to_jsonb(held.sources || register.chart_address()) end,
                          'reason',
                          register.in_language(
                              lang,
                              'By the Treaty Office''s chart of signatures and ratifications.',
                              'Selon l’état des signatures et ratifications du Bureau des Traités.'))
                   || case when act ->> 'date' is not null
                           then jsonb_build_object('date', act ->> 'date', 'not_before', null,
                                                   'not_after', null,
                                                   'verification', 'single_source')
                           else '{}' end)
          from register.action_version as held
         where held.reference = corrected_by_chart.reference and upper_inf(held.recorded));
comment on function register.corrected_by_chart is
    'The document, as PUT takes it, that corrects a current action to the chart''s day or '
    'published day.';

create function register.recorded_by_chart(
    state text, what text, act jsonb, published_effective_date date, member boolean)
    returns jsonb
    language sql stable
    return jsonb_strip_nulls(jsonb_build_object(
        'state', state,
        'kind', case when what = 'signature' then 'signature'
                     when member then 'ratification'
                     else 'accession' end,
        'date', act ->> 'date',
        'not_before', case when act ->> 'date' is null then act ->> 'not_before' end,
        'not_after', case when act ->> 'date' is null then act ->> 'not_after' end,
        'published_effective_date', published_effective_date,
        'verification', case when act ->> 'date' is null then 'unconfirmed'
                             else 'single_source' end,
        'sources', jsonb_build_array(register.chart_address())));
comment on function register.recorded_by_chart is
    'The document, as POST takes it, that records an act of the chart which the register lacks.';

--   outcome    the gravest outcome of its fields: agrees, compatible, only_register, only_chart, differs
--   to_record  the requests that would make the register agree with the chart
create function register.reconcile(
    chart jsonb, as_of date, known_at timestamptz, lang text)
    returns table (line integer, state text, outcome text, fields jsonb, to_record jsonb)
    language sql stable
    rows 50
begin atomic
    with given as (
        select r.* from register.chart_rows(chart) as r where r.state is not null and r.nth = 1
    ),
    known as materialized (
        select k.* from register.actions_known(known_at) as k
    ),
    listed as (
        select l.state, jsonb_agg(l.letter order by l.letter) as letters
          from register.chart_letters_at(as_of, known_at) as l
         group by l.state
    ),
    pair as materialized (
        select given.line, coalesce(given.state, status.state) as state, given.signature,
               given.consent, given.entry_into_force, given.letters as marks,
               status.signature as our_signature, status.consent as our_consent,
               status.in_force_on, coalesce(listed.letters, '[]') as our_letters
          from register.status_at(as_of, known_at) as status
          left join given on given.state = status.state
          left join listed on listed.state = status.state
         where given.state is not null or status.signature is not null
            or status.consent is not null or listed.letters is not null
    ),
    act as (
        select pair.line, pair.state, what.place, what.field, what.reference, what.act,
               pair.entry_into_force, pair.in_force_on, ours.date, ours.not_before,
               ours.not_after, ours.verification,
               register.days_agree(
                   case when ours.reference is not null
                        then daterange(least(ours.earliest, ours.latest),
                                       greatest(ours.earliest, ours.latest), '[]') end,
                   register.chart_days(what.act)) as outcome
          from pair
         cross join lateral (
                   values (1, 'signature', pair.our_signature, pair.signature),
                          (2, 'consent', pair.our_consent, pair.consent)
               ) as what (place, field, reference, act)
          left join known as ours on ours.reference = what.reference
    ),
    field as (
        select act.state, act.place, act.field, act.outcome,
               case when act.reference is not null then
                   jsonb_build_object('action', act.reference, 'date', act.date,
                                      'not_before', act.not_before, 'not_after', act.not_after,
                                      'verification', act.verification) end as ours,
               case when act.act is not null then
                   jsonb_build_object('date', act.act -> 'date',
                                      'not_before', act.act -> 'not_before',
                                      'not_after', act.act -> 'not_after') end as theirs
          from act
         union all
        select pair.state, 3, 'entry_into_force',
               register.days_agree(
                   case when pair.in_force_on is not null
                        then daterange(pair.in_force_on, pair.in_force_on, '[]') end,
                   case when pair.entry_into_force is not null
                        then daterange(pair.entry_into_force, pair.entry_into_force, '[]') end),
               case when pair.in_force_on is not null
                    then jsonb_build_object('date', pair.in_force_on) end,
               case when pair.entry_into_force is not null
                    then jsonb_build_object('date', pair.entry_into_force) end
          from pair
         union all
        -- Only letters with a column in the chart.
        select pair.state, 4, 'letters',
               case when lettered.ours = lettered.theirs then 'agrees' else 'differs' end,
               jsonb_build_object('letters', lettered.ours),
               jsonb_build_object('letters', lettered.theirs)
          from pair
         cross join lateral (
                   select coalesce(jsonb_agg(mark.letter order by mark.letter)
                                       filter (where pair.our_letters ? mark.letter), '[]') as ours,
                          coalesce(jsonb_agg(mark.letter order by mark.letter)
                                       filter (where mark.is_set = 'true'), '[]') as theirs
                     from jsonb_each(pair.marks) as mark (letter, is_set)
               ) as lettered
         where pair.marks is not null
    ),
    -- The request for each act; its day and its published day go together.
    proposed as (
        select act.state, act.place, act.reference, act.field, act.act, changed.effective,
               case when act.outcome = 'only_chart' then 'POST'
                    when act.outcome = 'only_register' then 'DELETE'
                    when act.outcome in ('differs', 'compatible') and act.act ->> 'date' is not null
                        then 'PUT'
                    when act.outcome = 'agrees' and act.reference is not null
                     and changed.effective is not null then 'PUT' end as method
          from act
         cross join lateral (
                   select case when act.field = 'consent'
                                and act.entry_into_force is distinct from act.in_force_on
                               then act.entry_into_force end as effective
               ) as changed
    )
    select pair.line, pair.state,
           (array['agrees', 'compatible', 'only_register', 'only_chart', 'differs'])
               [max(array_position(
                        array['agrees', 'compatible', 'only_register', 'only_chart', 'differs'],
                        field.outcome))],
           jsonb_agg(jsonb_build_object('field', field.field, 'outcome', field.outcome,
                                        'register', field.ours, 'chart', field.theirs)
                     order by field.place),
           (select coalesce(jsonb_agg(jsonb_build_object(
                       'method', proposed.method,
                       'address', case proposed.method
                                      when 'POST' then '/v1/actions'
                                      else '/v1/actions/' || proposed.reference end,
                       'document',
                       case proposed.method
                           when 'POST' then register.recorded_by_chart(
                               proposed.state, proposed.field, proposed.act, proposed.effective,
                               exists (select
                                         from register.members_at(
                                                  coalesce((proposed.act ->> 'date')::date, as_of),
                                                  known_at) as member
                                        where member.state = proposed.state))
                           when 'PUT' then register.corrected_by_chart(
                               proposed.reference, proposed.act, proposed.effective, lang) end)
                       order by proposed.place), '[]')
              from proposed
             where proposed.state = pair.state and proposed.method is not null)
      from pair
      join field on field.state = pair.state
     group by pair.line, pair.state;
end;
comment on function register.reconcile is
    'The chart beside the register, State by State and field by field, for each State in the '
    'chart or with actions.';

commit;
