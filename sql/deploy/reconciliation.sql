-- Reconciliation: an official chart beside the register. It writes nothing; it proposes a changeset,
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

-- Of an act whose day the chart does not know, the last day on which it can have happened must be
-- known: it counts from there.
create function register.chart_act(act jsonb, latest date) returns jsonb
    language sql immutable parallel safe
    return case when act ->> 'date' is null
                then jsonb_build_object('not_after', latest) || jsonb_strip_nulls(act)
                else act end;
comment on function register.chart_act is
    'An act of a chart with the last day on which it can have happened; null: the act is not in '
    'the chart.';

create function register.act_by_chart(
    act jsonb, kind text, published_effective_date date, sources text[])
    returns jsonb
    language sql immutable parallel safe
    return jsonb_build_object(
        'kind', kind, 'date', act -> 'date',
        'not_before', case when act ->> 'date' is null then act -> 'not_before' end,
        'not_after', case when act ->> 'date' is null then act -> 'not_after' end,
        'published_effective_date', published_effective_date,
        'verification', case when act ->> 'date' is null then 'unconfirmed'
                             else 'single_source' end,
        'sources', case when register.chart_address() = any (sources) then to_jsonb(sources)
                        else to_jsonb(sources || register.chart_address()) end);
comment on function register.act_by_chart is
    'The members of a document that the chart decides.';

create function register.document_of_version(reference text, version integer) returns jsonb
    language sql stable
    return (
        select register.content_of(to_jsonb(held))
               - array['voided', 'territories_covered', 'territories_left_out']
               || jsonb_build_object(
                      'territories',
                      case when held.territories_covered || held.territories_left_out <> '{}'
                           then jsonb_build_object('covered', held.territories_covered,
                                                   'left_out', held.territories_left_out) end)
          from register.action_version as held
         where held.reference = document_of_version.reference
           and held.version = document_of_version.version);
comment on function register.document_of_version is
    'The document, as an operation takes it, that has the content of a version of an action.';

--   compared   false: the State has no row, but a row was not understood, which may be its
create function register.chart_pairs(chart jsonb, as_of date, known_at timestamptz)
    returns table (
        line integer, state text, signature jsonb, consent jsonb, entry_into_force date,
        marks jsonb, our_signature text, our_consent text, our_consent_kind text,
        in_force_on date, our_letters jsonb, compared boolean)
    language sql stable
    rows 50
begin atomic
    with entry as materialized (
        select r.* from register.chart_rows(chart) as r
    ),
    listed as (
        select l.state, jsonb_agg(l.letter order by l.letter) as letters
          from register.chart_letters_at(as_of, known_at) as l
         group by l.state
    )
    select given.line, held.state, given.signature, given.consent, given.entry_into_force,
           given.letters, held.signature, held.consent, held.consent_kind, held.in_force_on,
           coalesce(listed.letters, '[]'),
           given.state is not null
           or not exists (select from entry as unclear where unclear.state is null)
      from register.periods_on(as_of, known_at) as held
      left join entry as given on given.state = held.state and given.nth = 1
      left join listed on listed.state = held.state
     where given.state is not null or held.signature is not null or held.consent is not null
        or listed.letters is not null;
end;
comment on function register.chart_pairs is
    'Each State that the chart has a row of, or that has acted: the chart''s row and the register''s.';

--   outcome    the gravest outcome of its fields: agrees, not_compared, compatible, only_register,
--              only_chart, differs
--   accepted   its fields that do not agree are all accepted by a note; the others are new
create function register.reconcile(
    chart jsonb, as_of date, known_at timestamptz, internal boolean, lang text)
    returns table (line integer, state text, outcome text, accepted boolean, fields jsonb)
    language sql stable
    rows 50
begin atomic
    with known as materialized (
        select k.* from register.actions_known(known_at) as k
    ),
    pair as materialized (
        select p.* from register.chart_pairs(chart, as_of, known_at) as p
    ),
    act as (
        select pair.state, pair.compared, what.place, what.field, what.reference, what.act,
               ours.date, ours.not_before, ours.not_after, ours.verification,
               case when what.field = 'consent' and what.act ->> 'letter' = 'a'
                     and pair.our_consent_kind <> 'accession' then 'differs'
                    else register.days_agree(
                             case when ours.reference is not null
                                  then daterange(least(ours.earliest, ours.latest),
                                                 greatest(ours.earliest, ours.latest), '[]') end,
                             register.chart_days(what.act)) end as outcome
          from pair
         cross join lateral (
                   values (1, 'signature', pair.our_signature, pair.signature),
                          (2, 'consent', pair.our_consent, pair.consent)
               ) as what (place, field, reference, act)
          left join known as ours on ours.reference = what.reference
    ),
    found as (
        select act.state, act.compared, act.place, act.field, act.outcome,
               case when act.reference is not null then
                   jsonb_build_object('action', act.reference, 'date', act.date,
                                      'not_before', act.not_before, 'not_after', act.not_after,
                                      'verification', act.verification) end as ours,
               case when act.act is not null then
                   jsonb_build_object('date', act.act -> 'date',
                                      'not_before', act.act -> 'not_before',
                                      'not_after', act.act -> 'not_after')
                   || case when act.act ? 'letter'
                           then jsonb_build_object('letter', act.act -> 'letter')
                           else '{}' end end as theirs
          from act
         union all
        select pair.state, pair.compared, 3 as place, 'entry_into_force' as field,
               register.days_agree(
                   case when pair.in_force_on is not null
                        then daterange(pair.in_force_on, pair.in_force_on, '[]') end,
                   case when pair.entry_into_force is not null
                        then daterange(pair.entry_into_force, pair.entry_into_force, '[]') end)
                   as outcome,
               case when pair.in_force_on is not null
                    then jsonb_build_object('date', pair.in_force_on) end as ours,
               case when pair.entry_into_force is not null
                    then jsonb_build_object('date', pair.entry_into_force) end as theirs
          from pair
         union all
        -- Only letters with a column in the chart.
        select pair.state, pair.compared, 4 as place, 'letters' as field,
               case when lettered.ours = lettered.theirs then 'agrees' else 'differs' end
                   as outcome,
               jsonb_build_object('letters', lettered.ours) as ours,
               jsonb_build_object('letters', lettered.theirs) as theirs
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
    field as (
        select found.state, found.place, found.field, found.ours, found.theirs,
               case when found.compared or found.outcome = 'agrees' then found.outcome
                    else 'not_compared' end as outcome,
               case when noted.reference is not null then
                   jsonb_build_object('reference', noted.reference, 'outcome', noted.outcome,
                                      'text', register.in_language(lang, noted.text_en,
                                                                   noted.text_fr),
                                      'owner', noted.owner,
                                      'visibility', noted.visibility) end as noted
          from found
          left join register.difference_notes_at(known_at, internal) as noted
            on noted.state = found.state and noted.field = found.field
           and found.outcome <> 'agrees'
           and noted.register_value is not distinct from register.difference_value(found.ours)
           and noted.chart_value is not distinct from register.difference_value(found.theirs)
    )
    select pair.line, pair.state,
           (array['agrees', 'not_compared', 'compatible', 'only_register', 'only_chart',
                  'differs'])
               [max(array_position(
                        array['agrees', 'not_compared', 'compatible', 'only_register',
                              'only_chart', 'differs'],
                        field.outcome))],
           coalesce(bool_and(coalesce(field.noted ->> 'outcome' = 'accepted', false))
                        filter (where field.outcome <> 'agrees'), false),
           jsonb_agg(jsonb_build_object('field', field.field, 'outcome', field.outcome,
                                        'register', field.ours, 'chart', field.theirs,
                                        'noted', field.noted)
                     order by field.place)
      from pair
      join field on field.state = pair.state
     group by pair.line, pair.state;
end;
comment on function register.reconcile is
    'The chart beside the register, State by State and field by field, for each State in the '
    'chart or with actions.';

-- What would make the register say what the chart says. The operations of a State are proposed as a
-- whole, or not at all where the chart says what the law refuses: its acts are compared with the
-- memberships, with each other and with the State's other acts. Acts of the deposit move with it,
-- and go with it. While a row of the chart was not understood, nothing is voided: the row may be
-- that of the missing State. A difference that a note accepts stays.
--   document  null: the act is voided
create function register.chart_operations(
    chart jsonb, as_of date, known_at timestamptz, internal boolean)
    returns table (state text, place integer, op text, reference text, version integer,
                   document jsonb)
    language sql stable
    rows 50
begin atomic
    with complete as materialized (
        select not exists (select
                             from register.chart_rows(chart) as r
                            where r.state is null or r.nth > 1) as is_so
    ),
    accepted as materialized (
        select r.state, one.field ->> 'field' as field
          from register.reconcile(chart, as_of, known_at, internal, 'en') as r
         cross join lateral jsonb_array_elements(r.fields) as one (field)
         where one.field -> 'noted' ->> 'outcome' = 'accepted'
    ),
    act as materialized (
        select e.*, daterange(least(e.earliest, e.latest), greatest(e.earliest, e.latest), '[]')
                   as days
          from register.effects_at('infinity', known_at) as e
    ),
    -- Both acts of each State, as the chart has them and as the register has them.
    side as materialized (
        select pair.state, what.field, what.act, register.chart_days(what.act) as days,
               ours.reference, ours.version, ours.kind, ours.cycle, ours.days as our_days,
               ours.published_effective_date as published,
               case when not exists (select
                                       from accepted
                                      where accepted.state = pair.state
                                        and accepted.field = 'entry_into_force')
                    then pair.entry_into_force end as entry_into_force,
               pair.in_force_on, what.act ->> 'letter' = 'a' as acceded,
               exists (select
                         from accepted
                        where accepted.state = pair.state and accepted.field = what.field)
                   as stays
          from register.chart_pairs(chart, as_of, known_at) as pair
         cross join lateral (
                   values ('signature',
                           register.chart_act(
                               pair.signature,
                               coalesce((pair.consent ->> 'date')::date,
                                        (pair.consent ->> 'not_after')::date,
                                        least(as_of, register.today()))),
                           pair.our_signature),
                          ('consent',
                           register.chart_act(pair.consent, least(as_of, register.today())),
                           pair.our_consent)
               ) as what (field, act, reference)
          left join act as ours on ours.reference = what.reference
         where pair.compared
    ),
    member as materialized (
        select m.state, range_agg(m.period) as days
          from register.memberships_at(known_at) as m
         group by m.state
    ),
    asked as materialized (
        select side.*, coalesce(member.days, '{}'::datemultirange) as member_days,
               case when side.field = 'signature' then coalesce(side.kind, 'signature')
                    when side.acceded or (side.reference is null
                                          and not coalesce(member.days, '{}') && side.days)
                        then 'accession'
                    else coalesce(side.kind, 'ratification') end as new_kind,
               case when side.reference is null and (side.act is null or side.stays) then 'none'
                    when side.act is null and complete.is_so and not side.stays then 'void'
                    when side.act is null then 'keep'
                    when side.reference is null then 'record'
                    when side.act ->> 'date' is not null and side.days <> side.our_days
                     and not side.stays then 'correct'
                    when side.field = 'consent' and not side.stays and side.acceded and side.kind <> 'accession'
                        then 'correct'
                    when side.field = 'consent' and side.entry_into_force <> side.published
                        then 'correct'
                    when side.field = 'consent' and side.published is null
                     and side.entry_into_force is distinct from side.in_force_on
                     and side.entry_into_force is not null
                        then 'correct'
                    else 'keep' end as op
          from side
         cross join complete
          left join member on member.state = side.state
    ),
    planned as materialized (
        select asked.state, asked.field, asked.act, asked.reference, asked.version, asked.kind,
               asked.cycle, asked.our_days, asked.entry_into_force, asked.member_days,
               asked.new_kind,
               coalesce(asked.act ->> 'date' is not null and asked.days <> asked.our_days
                        and not asked.stays, false) as settles,
               case when asked.op = 'void' and asked.field = 'signature'
                     and other.op in ('keep', 'correct', 'record') and other.new_kind <> 'accession'
                    then 'keep' else asked.op end as op,
               case when asked.op = 'record'
                      or (asked.op = 'correct' and asked.act ->> 'date' is not null
                          and not asked.stays)
                    then asked.days
                    when asked.op in ('keep', 'correct') then asked.our_days end as days
          from asked
          join asked as other on other.state = asked.state and other.field <> asked.field
    ),
    plan as materialized (
        select signed.state, signed.op as signed_op, signed.reference as signed_reference,
               signed.our_days as signed_our_days, signed.days as signed_days,
               bound.op as bound_op, bound.reference as bound_reference,
               bound.our_days as bound_our_days, bound.days as bound_days,
               signed.new_kind as signed_kind, bound.new_kind as bound_kind, bound.entry_into_force, bound.member_days,
               least(signed.cycle, bound.cycle) as cycle,
               bound.days <> bound.our_days as bound_moves,
               coalesce(signed.act ->> 'letter' in ('s', 'su'), false)
               or coalesce(bound.act ->> 'letter' in ('s', 'su'), false) as otherwise
          from planned as signed
          join planned as bound on bound.state = signed.state and bound.field = 'consent'
         where signed.field = 'signature'
           and (signed.op in ('void', 'correct', 'record')
                or bound.op in ('void', 'correct', 'record'))
    ),
    lawful as materialized (
        select plan.*
          from plan
         cross join register.entry_into_force('infinity', known_at) as convention
         where -- No day is to come, and none before the Convention was open.
               coalesce(greatest(upper(plan.signed_days), upper(plan.bound_days))
                        <= register.today() + 1, true)
           and coalesce(least(upper(plan.signed_days), upper(plan.bound_days))
                        > date '1992-02-05', true)
           -- Article 11: signature is subject to ratification. To what a State succeeds the chart does not
           -- say: it is not recorded by it, only corrected.
           and not plan.otherwise
           and (plan.signed_op in ('none', 'void', 'keep')
                or plan.signed_kind = 'signature_succession'
                or plan.member_days && plan.signed_days)
           and (plan.bound_op in ('none', 'void', 'keep')
                or plan.bound_kind in ('accession', 'succession')
                or plan.member_days && plan.bound_days)
           and (plan.bound_days is null or plan.bound_kind in ('accession', 'succession')
                or coalesce(lower(plan.signed_days) < upper(plan.bound_days), false))
           -- Article 13(1)
           and (plan.bound_op in ('none', 'void', 'keep') or plan.bound_kind <> 'accession'
                or (not plan.member_days @> plan.bound_days
                    and coalesce(convention.in_force_on < upper(plan.bound_days), false)))
           -- An act that is later than the chart's day is not recorded again.
           and not exists (select
                             from act
                            where act.state = plan.state
                              and ((plan.signed_op = 'record' and act.category = 'signature')
                                   or (plan.bound_op = 'record' and act.category = 'consent')))
           -- Acts of a Party are of one.
           and not exists (
                   select
                     from act
                    where act.state = plan.state and act.cycle = plan.cycle
                      and plan.bound_op = 'correct'
                      and act.kind in ('chapter_acceptance', 'territorial_extension', 'derogation',
                                       'derogation_end', 'denunciation', 'declaration_withdrawal')
                      and act.latest < greatest(lower(plan.bound_days),
                                                case when act.kind in ('derogation', 'denunciation')
                                                     then coalesce(
                                                              plan.entry_into_force,
                                                              register.first_of_month_after(
                                                                  3, lower(plan.bound_days))) end))
    ),
    -- Without consent, what was done at the deposit and by a Party goes, and without signature and
    -- consent all that the State did.
    gone as (
        select act.state, act.reference, act.version
          from lawful
          join act on act.state = lawful.state and act.cycle >= lawful.cycle
         where case when lawful.signed_days is null and lawful.bound_days is null then true
                    when act.reference in (lawful.signed_reference, lawful.bound_reference)
                        then (act.reference = lawful.signed_reference
                              and lawful.signed_op = 'void')
                          or (act.reference = lawful.bound_reference and lawful.bound_op = 'void')
                    when lawful.bound_op = 'void'
                        then (act.kind = 'territorial_declaration'
                              and not act.days && lawful.signed_days)
                          or (act.kind not in ('communication', 'territorial_declaration')
                              and act.latest >= lower(lawful.bound_our_days)
                              and act.category <> 'signature')
                    when lawful.signed_op = 'void'
                        then act.kind = 'territorial_declaration'
                         and not act.days && lawful.bound_days
                    else false end
    ),
    orphaned as (
        select act.state, act.reference, act.version
          from gone
          join act on act.state = gone.state and act.refers_to = gone.reference
         where not exists (select from gone as same where same.reference = act.reference)
    ),
    -- What was done at the signature or the deposit is done on its new day.
    companion as (
        select act.state, act.reference, act.version, act.kind, act.place,
               act.published_effective_date as published, act.sources, by.days,
               case when by.field = 'consent' then lawful.entry_into_force end as entry_into_force
          from lawful
          join act on act.state = lawful.state and act.cycle = lawful.cycle
         cross join lateral (
                   select case when lawful.bound_op = 'correct' and lawful.bound_moves
                                and act.days && lawful.bound_our_days then 'consent'
                               when lawful.signed_op = 'correct'
                                and act.kind = 'territorial_declaration'
                                and not coalesce(act.days && lawful.bound_days, false)
                                and act.days && lawful.signed_our_days then 'signature' end
               ) as moved (field)
         cross join lateral (
                   select moved.field,
                          case moved.field when 'consent' then lawful.bound_days
                                           when 'signature' then lawful.signed_days end
               ) as by (field, days)
         where act.kind in ('chapter_exclusion', 'vote_only', 'authority_declaration',
                            'territorial_declaration', 'declaration')
           and by.field is not null and not act.days && by.days
           and (act.kind <> 'declaration' or act.days = lawful.bound_our_days)
           and not exists (select from gone where gone.reference = act.reference)
    )
    select gone.state, 1 as place, 'void' as op, gone.reference, gone.version,
           null::jsonb as document
      from gone

    union all
    select orphaned.state, 1 as place, 'void' as op, orphaned.reference, orphaned.version,
           null::jsonb as document
      from orphaned

    union all
    select planned.state, 2 as place, 'correct' as op, planned.reference, planned.version,
           held.document
           || register.act_by_chart(
                  case when planned.settles then planned.act
                       else jsonb_strip_nulls(jsonb_build_object(
                                'date', held.document -> 'date',
                                'not_before', held.document -> 'not_before',
                                'not_after', held.document -> 'not_after')) end,
                  planned.new_kind,
                  case when planned.field = 'consent'
                       then case when planned.entry_into_force >= lower(planned.days)
                                 then planned.entry_into_force
                                 when (held.document ->> 'published_effective_date')::date
                                      >= lower(planned.days)
                                 then (held.document ->> 'published_effective_date')::date end end,
                  register.text_array(held.document -> 'sources'))
           || case when not planned.settles
                   then jsonb_build_object('verification', held.document -> 'verification',
                                           'not_before', held.document -> 'not_before',
                                           'not_after', held.document -> 'not_after')
                   else '{}' end as document
      from planned
      join lawful on lawful.state = planned.state
     cross join lateral (
               select register.document_of_version(planned.reference, planned.version)
           ) as held (document)
     where planned.op = 'correct'

    union all
    select companion.state, 3 as place, 'correct' as op, companion.reference, companion.version,
           register.document_of_version(companion.reference, companion.version)
           || register.act_by_chart(
                  jsonb_strip_nulls(jsonb_build_object(
                      'date', case when lower(companion.days) = upper(companion.days) - 1
                                   then lower(companion.days) end,
                      'not_before', nullif(lower(companion.days), '-infinity'),
                      'not_after', upper(companion.days) - 1)),
                  companion.kind,
                  case when companion.published is not null
                       then coalesce(companion.entry_into_force,
                                     case when companion.published >= lower(companion.days)
                                          then companion.published end) end,
                  companion.sources) as document
      from companion

    union all
    select planned.state, case planned.field when 'signature' then 4 else 5 end as place,
           'record' as op, null::text as reference, null::integer as version,
           jsonb_strip_nulls(
               jsonb_build_object('state', planned.state)
               || register.act_by_chart(
                      planned.act, planned.new_kind,
                      case when planned.field = 'consent'
                            and planned.entry_into_force >= lower(planned.days)
                           then planned.entry_into_force end,
                      '{}')) as document
      from planned
      join lawful on lawful.state = planned.state
     where planned.op = 'record';
end;
comment on function register.chart_operations is
    'The operations of a changeset by which the register would say what the chart says.';

commit;
