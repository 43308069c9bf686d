-- The States that a call addresses, with their actions since and what remains to do.
with effect as materialized (
    select e.*
      from register.effects_at(:'as_of'::date, :'known_at'::timestamptz) as e
),
reply as materialized (
    select r.*
      from register.replies_known(:'as_of'::date, :'known_at'::timestamptz) as r
     where not r.voided
)
select call.reference as call, call.date, to_json(call.asks_for) as asks_for,
       counted.addressed as "counts.addressed", counted.signed as "counts.signed_since",
       counted.consented as "counts.consented_since", counted.complete as "counts.complete",
       counted.remaining as "counts.remaining", counted.items
  from register.calls_known(:'as_of'::date, :'known_at'::timestamptz) as call
 cross join lateral (
           select count(*) as addressed,
                  count(*) filter (where since.signed) as signed,
                  count(*) filter (where since.consented) as consented,
                  count(*) filter (where cardinality(progress.remains) = 0) as complete,
                  count(*) filter (where cardinality(progress.remains) > 0) as remaining,
                  coalesce(json_agg(json_build_object(
                      'state', progress.state,
                      'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                      'member', progress.member, 'status_then', progress.status_then,
                      'status', progress.status, 'since', since.actions,
                      'remains', progress.remains, 'replies', replied.items)
                      order by progress.state), '[]') as items
             from register.call_progress(call.reference, :'as_of'::date,
                                         :'known_at'::timestamptz) as progress
             join register.named_state as version
               on version.code = progress.state
              and version.recorded @> :'known_at'::timestamptz
              and version.valid @> :'as_of'::date
            cross join lateral (
                      select coalesce(bool_or(effect.category = 'signature'), false) as signed,
                             coalesce(bool_or(effect.category = 'consent'), false) as consented,
                             coalesce(json_agg(json_build_object(
                                 'action', effect.reference, 'kind', effect.kind,
                                 'date', effect.date, 'not_before', effect.not_before,
                                 'not_after', effect.not_after,
                                 'verification', effect.verification,
                                 'effective_on', effect.effective_on)
                                 order by effect.day, effect.place, effect.number), '[]')
                                 as actions
                        from effect
                       where effect.state = progress.state and effect.day > call.date
                  ) as since
            cross join lateral (
                      select coalesce(json_agg(json_build_object(
                                 'reference', reply.reference, 'date', reply.date,
                                 'text', register.in_language(:'lang'::text, reply.text_en,
                                                              reply.text_fr))
                                 order by reply.date, reply.reference), '[]') as items
                        from reply
                       where reply.call = call.reference and reply.state = progress.state
                  ) as replied
       ) as counted
 where call.reference = :'reference'::text and not call.voided
