-- The reasons for a State's status: a sentence, its actions, and each date step by step.
with steps as materialized (
    select step.reference,
           json_agg(json_build_object('day', step.day, 'text', step.explanation)
                    order by step.step) as listed
      from register.effective_date_steps(:'state'::text, :'as_of'::date,
                                         :'known_at'::timestamptz, :'lang'::text) as step
     group by step.reference
)
select version.code as state,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       status.status, status.in_force_on, to_json(status.chapters) as chapters,
       register.status_in_words(version.code, :'as_of'::date, :'known_at'::timestamptz,
                                :'lang'::text) as sentence,
       (select coalesce(json_agg(json_build_object(
                   'action', effect.reference, 'kind', effect.kind,
                   'kind_name', register.in_language(:'lang'::text, kind.name_en, kind.name_fr),
                   'articles', (select coalesce(json_agg(article order by article), '[]')
                                  from (select kind.article as article
                                         union
                                        select effect.article) as named
                                 where article is not null),
                   'effective_on', effect.effective_on, 'rule', effect.rule,
                   'rule_name', register.in_language(:'lang'::text, rule.name_en, rule.name_fr),
                   'steps', steps.listed)
                   order by effect.day, kind.place, effect.number), '[]')
          from register.entry_into_force(:'as_of'::date, :'known_at'::timestamptz) as entry
         cross join lateral register.state_effects_at(
                   array[:'state'::text], entry.in_force_on, :'as_of'::date,
                   :'known_at'::timestamptz) as effect
          join register.kind on kind.code = effect.kind
          left join steps on steps.reference = effect.reference
          left join register.vocabulary_term as rule
            on rule.vocabulary = 'date_rules' and rule.code = effect.rule) as actions
  from register.status_at(:'as_of'::date, :'known_at'::timestamptz) as status
  join register.named_state as version
    on version.code = status.state and version.recorded @> :'known_at'::timestamptz
   and version.valid @> :'as_of'::date
 where version.code = :'state'::text
