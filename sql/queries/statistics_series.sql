-- States by status at the end of each year or month, from the opening for signature to the day
-- asked for, or to the last change that is certain. Each stretch of days of a State adds to the counts
-- on its first day and takes away on the day after its last: the counts of a day are the sums up to it.
with step as (
    select case :'by'::text when 'month' then 'month' else 'year' end as name,
           case :'by'::text when 'month' then interval '1 month' else interval '1 year' end
               as length,
           case :'by'::text when 'month' then 'YYYY-MM' else 'YYYY' end as form
),
point as materialized (
    select to_char(start.day, step.form) as period, ends.as_of
      from step
     cross join lateral generate_series(
               date_trunc(step.name, greatest(:'from'::date, date '1992-02-05')::timestamp),
               least(:'to'::date, :'as_of'::date,
                     (select greatest(register.today(), last.day)
                        from register.last_change_day(:'known_at'::timestamptz) as last))
                   ::timestamp,
               step.length) as start (day)
     cross join lateral (
               select least((start.day + step.length)::date - 1, :'as_of'::date) as as_of
           ) as ends
),
run as materialized (
    select coalesce(r.from_day, '-infinity') as from_day, r.until_day,
           r.member::integer as member,
           (r.member and r.status = 'no_action')::integer as no_action,
           (r.status = 'signatory')::integer as signatory,
           (r.status = 'contracting_state')::integer as contracting_state,
           (r.status in ('party', 'party_denouncing'))::integer as party,
           (r.status = 'former_party')::integer as former_party,
           (r.member and r.status in ('party', 'party_denouncing'))::integer as member_party,
           ('B' = any (r.chapters))::integer as chapter_b,
           ('C' = any (r.chapters))::integer as chapter_c
      from register.status_runs_at(:'known_at'::timestamptz) as r
),
turn as (
    select run.from_day as day, run.member, run.no_action, run.signatory, run.contracting_state,
           run.party, run.former_party, run.member_party, run.chapter_b, run.chapter_c
      from run
     union all
    select run.until_day, -run.member, -run.no_action, -run.signatory, -run.contracting_state,
           -run.party, -run.former_party, -run.member_party, -run.chapter_b, -run.chapter_c
      from run
     where run.until_day is not null
     union all
    select point.as_of, 0, 0, 0, 0, 0, 0, 0, 0, 0
      from point
),
counted as (
    select turn.day,
           sum(sum(turn.member)) over up_to as members,
           sum(sum(turn.no_action)) over up_to as no_action,
           sum(sum(turn.signatory)) over up_to as signatories,
           sum(sum(turn.contracting_state)) over up_to as contracting_states,
           sum(sum(turn.party)) over up_to as parties,
           sum(sum(turn.former_party)) over up_to as former_parties,
           sum(sum(turn.member_party)) over up_to as member_parties,
           sum(sum(turn.chapter_b)) over up_to as chapter_b,
           sum(sum(turn.chapter_c)) over up_to as chapter_c
      from turn
     group by turn.day
    window up_to as (order by turn.day)
)
select point.period, point.as_of, counted.members::bigint as members,
       counted.no_action::bigint as no_action, counted.signatories::bigint as signatories,
       counted.contracting_states::bigint as contracting_states,
       counted.parties::bigint as parties, counted.former_parties::bigint as former_parties,
       counted.member_parties::bigint as member_parties, counted.chapter_b::bigint as chapter_b,
       counted.chapter_c::bigint as chapter_c
  from point
  join counted on counted.day = point.as_of
 order by point.as_of
