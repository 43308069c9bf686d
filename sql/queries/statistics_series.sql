-- How many States stood where at the end of each year or month, from the one the Convention was
-- opened for signature in; the last period ends on the day asked for.
select point.period, point.as_of,
       counted.members, counted.no_action, counted.signatories, counted.contracting_states,
       counted.parties, counted.former_parties, counted.member_parties,
       counted.chapter_b, counted.chapter_c
  from (select to_char(start.day, case :'by'::text when 'month' then 'YYYY-MM' else 'YYYY' end)
                   as period,
               least((start.day + case :'by'::text when 'month' then interval '1 month'
                                                   else interval '1 year' end)::date - 1,
                     :'as_of'::date) as as_of
          from generate_series(
                   date_trunc(case :'by'::text when 'month' then 'month' else 'year' end,
                              greatest(:'from'::date, date '1992-02-05')::timestamp),
                   least(:'to'::date, :'as_of'::date)::timestamp,
                   case :'by'::text when 'month' then interval '1 month'
                                    else interval '1 year' end) as start (day)) as point
 cross join lateral (
           select count(*) filter (where standing.member) as members,
                  count(*) filter (where standing.member and standing.status = 'no_action')
                      as no_action,
                  count(*) filter (where standing.status = 'signatory') as signatories,
                  count(*) filter (where standing.status = 'contracting_state')
                      as contracting_states,
                  count(*) filter (where standing.status in ('party', 'party_denouncing'))
                      as parties,
                  count(*) filter (where standing.status = 'former_party') as former_parties,
                  count(*) filter (where standing.member
                                     and standing.status in ('party', 'party_denouncing'))
                      as member_parties,
                  count(*) filter (where 'B' = any (standing.chapters)) as chapter_b,
                  count(*) filter (where 'C' = any (standing.chapters)) as chapter_c
             from register.status_at(point.as_of, :'known_at'::timestamptz) as standing
       ) as counted
 order by point.as_of
