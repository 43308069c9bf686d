-- States by status at the end of each year or month, from the opening for signature to the day
-- asked for, or to the last change that is certain.
with change as materialized (
    select c.day from register.change_days(:'known_at'::timestamptz) as c
),
step as (
    select case :'by'::text when 'month' then 'month' else 'year' end as name,
           case :'by'::text when 'month' then interval '1 month' else interval '1 year' end
               as length,
           case :'by'::text when 'month' then 'YYYY-MM' else 'YYYY' end as form
),
point as materialized (
    select to_char(start.day, step.form) as period, ends.as_of,
           (select max(change.day) from change where change.day <= ends.as_of) as changed_on
      from step
     cross join lateral generate_series(
               date_trunc(step.name, greatest(:'from'::date, date '1992-02-05')::timestamp),
               least(:'to'::date, :'as_of'::date,
                     (select greatest(register.today(), max(change.day))
                        from change))::timestamp,
               step.length) as start (day)
     cross join lateral (
               select least((start.day + step.length)::date - 1, :'as_of'::date) as as_of
           ) as ends
),
counted as materialized (
    select reached.changed_on,
           count(*) filter (where status.member) as members,
           count(*) filter (where status.member and status.status = 'no_action')
               as no_action,
           count(*) filter (where status.status = 'signatory') as signatories,
           count(*) filter (where status.status = 'contracting_state') as contracting_states,
           count(*) filter (where status.status in ('party', 'party_denouncing')) as parties,
           count(*) filter (where status.status = 'former_party') as former_parties,
           count(*) filter (where status.member
                              and status.status in ('party', 'party_denouncing'))
               as member_parties,
           count(*) filter (where 'B' = any (status.chapters)) as chapter_b,
           count(*) filter (where 'C' = any (status.chapters)) as chapter_c
      from (select distinct point.changed_on from point) as reached
     cross join lateral register.status_at(reached.changed_on, :'known_at'::timestamptz)
           as status
     group by reached.changed_on
)
select point.period, point.as_of, coalesce(counted.members, 0) as members,
       coalesce(counted.no_action, 0) as no_action,
       coalesce(counted.signatories, 0) as signatories,
       coalesce(counted.contracting_states, 0) as contracting_states,
       coalesce(counted.parties, 0) as parties,
       coalesce(counted.former_parties, 0) as former_parties,
       coalesce(counted.member_parties, 0) as member_parties,
       coalesce(counted.chapter_b, 0) as chapter_b, coalesce(counted.chapter_c, 0) as chapter_c
  from point
  left join counted on counted.changed_on = point.changed_on
 order by point.as_of
