-- States by status on a day; shares are of the members on that day.
select counted.members,
       (select json_object_agg(
                   status.status,
                   json_build_object('states', status.states, 'members', status.members,
                                     'share_of_members',
                                     round(status.members::numeric / nullif(counted.members, 0),
                                           4)))
          from register.status_counts(:'as_of'::date, :'known_at'::timestamptz) as status)
           as statuses,
       (select json_object_agg(
                   chapter.chapter,
                   json_build_object('parties', chapter.parties, 'left_out', chapter.left_out,
                                     'vote_only', chapter.vote_only))
          from register.chapter_counts(:'as_of'::date, :'known_at'::timestamptz) as chapter)
           as chapters,
       (select coalesce(json_agg(json_build_object(
                   'state', waiting.state,
                   'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                   'member', waiting.member, 'action', waiting.reference,
                   'since', waiting.since, 'confirmed', waiting.confirmed,
                   'days', waiting.days)
                   order by waiting.since, waiting.state), '[]')
          from register.signatories_waiting_at(:'as_of'::date, :'known_at'::timestamptz) as waiting
          join register.named_state as version
            on version.code = waiting.state and version.recorded @> :'known_at'::timestamptz
           and version.valid @> :'as_of'::date)
           as waiting,
       (select json_build_object(
                   'counted', count(taken.days), 'left_out', count(*) - count(taken.days),
                   'shortest_days', min(taken.days),
                   'first_quartile_days',
                   percentile_cont(0.25) within group (order by taken.days),
                   'median_days', percentile_cont(0.5) within group (order by taken.days),
                   'third_quartile_days',
                   percentile_cont(0.75) within group (order by taken.days),
                   'longest_days', max(taken.days))
          from register.signature_to_consent_at(:'as_of'::date, :'known_at'::timestamptz)
               as taken) as signature_to_consent
  from (select count(*) as members
          from register.members_at(:'as_of'::date, :'known_at'::timestamptz)) as counted
