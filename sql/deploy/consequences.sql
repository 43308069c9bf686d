-- Consequences: the differences between the register at two moments of knowledge time, so that the
-- consequences of a past change can be computed again. The rows of States are read from the periods
-- that began or ended between; of actions and anomalies, those of the States that were touched.
begin;
set local role ets144_owner;

-- What a period decides of a State's row, as the API shows it.
create function register.period_as_json(period register.period) returns jsonb
    language sql immutable
    return jsonb_build_object(
        'member', period.member, 'member_since', period.member_since,
        'member_until', period.member_until, 'status', period.status,
        'signature', case when period.signature is not null then jsonb_build_object(
            'action', period.signature, 'date', period.signature_date,
            'not_before', period.signature_not_before, 'not_after', period.signature_not_after,
            'verification', period.signature_verification, 'sources', period.signature_sources) end,
        'consent', case when period.consent is not null then jsonb_build_object(
            'action', period.consent, 'kind', period.consent_kind, 'date', period.consent_date,
            'not_before', period.consent_not_before, 'not_after', period.consent_not_after,
            'verification', period.consent_verification, 'sources', period.consent_sources) end,
        'in_force_on', period.in_force_on, 'chapters', period.chapters,
        'vote_only', period.vote_only,
        'territories', jsonb_build_object('covered', period.territories_covered,
                                          'left_out', period.territories_left_out),
        'in_derogation', period.in_derogation,
        'denunciation', case when period.denunciation is not null then jsonb_build_object(
            'action', period.denunciation, 'date', period.denunciation_date,
            'effective_on', period.denunciation_effective_on) end);
comment on function register.period_as_json is
    'The members of a State''s row that a period decides.';

-- The periods that a write ended and those that it began cover the same days of a State, so on the
-- first day of each of them the newest of either is the one that the day is in.
create function register.period_changes(before timestamptz, after timestamptz)
    returns table (state text, valid daterange, was jsonb, is_now jsonb)
    language sql stable
    rows 10
begin atomic
    with moved as materialized (
        select begun.state, begun.valid, begun.recorded, begun as period
          from register.period as begun
         where lower(begun.recorded) > least(before, after)
           and lower(begun.recorded) <= greatest(before, after)
         union all
        select ended.state, ended.valid, ended.recorded, ended as period
          from register.period as ended
         where not upper_inf(ended.recorded)
           and upper(ended.recorded) > least(before, after)
           and upper(ended.recorded) <= greatest(before, after)
           and lower(ended.recorded) <= least(before, after)
    ),
    held as materialized (
        select moved.state, coalesce(lower(moved.valid), '-infinity') as day,
               coalesce(upper(moved.valid), 'infinity') as until,
               register.period_as_json(moved.period) as content,
               moved.recorded @> before as was, moved.recorded @> after as is_now
          from moved
         where (moved.recorded @> before) <> (moved.recorded @> after)
    ),
    turn as (
        select line.state, line.day,
               max(line.day) filter (where line.was) over up_to as was_from,
               max(line.day) filter (where line.is_now) over up_to as now_from
          from (select held.state, held.day, bool_or(held.was) as was,
                       bool_or(held.is_now) as is_now
                  from held
                 group by held.state, held.day) as line
        window up_to as (partition by line.state order by line.day)
    )
    select turn.state,
           daterange(nullif(turn.day, '-infinity'),
                     nullif(least(was.until, is_now.until), 'infinity')),
           was.content, is_now.content
      from turn
      left join held as was
        on was.state = turn.state and was.day = turn.was_from and was.was
      left join held as is_now
        on is_now.state = turn.state and is_now.day = turn.now_from and is_now.is_now
     where was.content is distinct from is_now.content;
end;
comment on function register.period_changes is
    'The days of each State whose row differs between two moments, with the row at either; null: '
    'the register did not have the State.';

create function register.status_changes(
    as_of date, before timestamptz, after timestamptz)
    returns table (state text, was jsonb, is_now jsonb)
    language sql stable
    rows 10
begin atomic
    with moved as materialized (
        select distinct change.state from register.period_changes(before, after) as change
    ),
    side as (
        select moved.state, moment.name,
               register.period_as_json(today)
               || jsonb_build_object('projected_status', later.status,
                                     'projected', register.period_as_json(later)) as content
          from (values ('was', before), ('is_now', after)) as moment (name, known_at)
         cross join moved
          join register.periods_on(as_of, moment.known_at) as today on today.state = moved.state
          join register.periods_on('infinity', moment.known_at) as later
            on later.state = moved.state
    )
    select coalesce(is_now.state, was.state), was.content, is_now.content
      from (select side.state, side.content from side where side.name = 'was') as was
      full join (select side.state, side.content from side where side.name = 'is_now') as is_now
        on is_now.state = was.state
     where was.content is distinct from is_now.content;
end;
comment on function register.status_changes is
    'The States whose row differs between two moments: on the day, or, as projected, once all that '
    'is recorded has taken effect.';

-- Adjacent days on which a member differs in the same way are joined.
create function register.row_changes(before timestamptz, after timestamptz)
    returns table (state text, field text, valid daterange, was jsonb, is_now jsonb)
    language sql stable
    rows 30
begin atomic
    with line as (
        select change.state, named.field, change.valid, held.was, held.is_now
          from register.period_changes(before, after) as change
         cross join lateral jsonb_object_keys(coalesce(change.is_now, change.was))
                   as named (field)
         -- A new State has no row, and a row may have no value: both are null.
         cross join lateral (
                   select nullif(change.was -> named.field, 'null') as was,
                          nullif(change.is_now -> named.field, 'null') as is_now
               ) as held
         where held.was is distinct from held.is_now
    ),
    compared as (
        select line.*,
               (lag(line.valid) over same -|- line.valid
                and lag(line.was) over same is not distinct from line.was
                and lag(line.is_now) over same is not distinct from line.is_now) is not true
                   as begins
          from line
        window same as (partition by line.state, line.field order by line.valid)
    ),
    numbered as (
        select compared.*,
               count(*) filter (where compared.begins)
                   over (partition by compared.state, compared.field order by compared.valid)
                   as nth
          from compared
    )
    select numbered.state, numbered.field, range_merge(range_agg(numbered.valid)),
           (array_agg(numbered.was))[1], (array_agg(numbered.is_now))[1]
      from numbered
     group by numbered.state, numbered.field, numbered.nth;
end;
comment on function register.row_changes is
    'The members of States'' rows that differ between two moments, and the days on which they do.';

create function register.effective_date_changes(before timestamptz, after timestamptz)
    returns table (
        reference text, state text, kind text, effective_on_before date,
        effective_on_after date, rule text, article text)
    language sql stable
    rows 10
begin atomic
    with touched as materialized (
        select register.states_touched(before, after) as states
    ),
    was as materialized (
        select e.*
          from touched
         cross join lateral register.effects_at('infinity', before, touched.states) as e
    ),
    will_be as materialized (
        select e.*
          from touched
         cross join lateral register.effects_at('infinity', after, touched.states) as e
    )
    select coalesce(will_be.reference, was.reference), coalesce(will_be.state, was.state),
           coalesce(will_be.kind, was.kind), was.effective_on, will_be.effective_on,
           coalesce(will_be.rule, was.rule), coalesce(will_be.article, was.article)
      from was
      full join will_be on will_be.reference = was.reference
     where was.effective_on is distinct from will_be.effective_on;
end;
comment on function register.effective_date_changes is
    'The effective dates that are new, gone or moved between two moments, with their rule and '
    'article.';

create function register.anomaly_changes(as_of date, before timestamptz, after timestamptz)
    returns table (
        change text, code text, state text, reference text, recorded text, expected text)
    language sql stable
    rows 10
begin atomic
    with touched as materialized (
        select register.states_touched(before, after) as states
    ),
    was as materialized (
        select a.code, a.state, a.reference, a.recorded, a.expected
          from touched
         cross join lateral register.anomalies_at(as_of, before, touched.states) as a
    ),
    is_now as materialized (
        select a.code, a.state, a.reference, a.recorded, a.expected
          from touched
         cross join lateral register.anomalies_at(as_of, after, touched.states) as a
    )
    (select 'appears' as change, n.code, n.state, n.reference, n.recorded, n.expected
       from is_now as n
     except all
     select 'appears' as change, w.code, w.state, w.reference, w.recorded, w.expected
       from was as w)
    union all
    (select 'goes' as change, w.code, w.state, w.reference, w.recorded, w.expected
       from was as w
     except all
     select 'goes' as change, n.code, n.state, n.reference, n.recorded, n.expected
       from is_now as n);
end;
comment on function register.anomaly_changes is
    'The anomalies that appear or go between two moments.';

commit;
