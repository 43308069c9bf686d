-- Consequences: the differences between the register at two moments of knowledge time, so that the
-- consequences of a past change can be computed again. Only States that were touched between can
-- differ, and no other is read.
begin;
set local role ets144_owner;

create function register.status_changes(
    as_of date, before timestamptz, after timestamptz)
    returns table (
        state text, status_before text, status_after text, chapters_before text[],
        chapters_after text[], in_force_on_before date, in_force_on_after date,
        projected_before text, projected_after text)
    language sql stable
    rows 10
begin atomic
    with touched as materialized (
        select coalesce(register.states_touched(before, after),
                        array(select state.code from register.state)) as states
    ),
    was as materialized (
        select s.*
          from register.status_at(as_of, before) as s
         where s.state = any ((select touched.states from touched)::text[])
    ),
    would_be as materialized (
        select s.*
          from register.status_at('infinity', before) as s
         where s.state = any ((select touched.states from touched)::text[])
    ),
    is_now as materialized (
        select s.*
          from register.status_at(as_of, after) as s
         where s.state = any ((select touched.states from touched)::text[])
    ),
    will_be as materialized (
        select s.*
          from register.status_at('infinity', after) as s
         where s.state = any ((select touched.states from touched)::text[])
    )
    select is_now.state, was.status, is_now.status, was.chapters, is_now.chapters,
           would_be.in_force_on, will_be.in_force_on, would_be.status, will_be.status
      from is_now
      join will_be on will_be.state = is_now.state
      join was on was.state = is_now.state
      join would_be on would_be.state = is_now.state
     where to_jsonb(was) <> to_jsonb(is_now) or to_jsonb(would_be) <> to_jsonb(will_be);
end;
comment on function register.status_changes is
    'The States whose status differs between two moments: on the day, or once all that is '
    'recorded has taken effect.';

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
