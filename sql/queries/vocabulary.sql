-- Every code of the API, with its name, definition and article.
select json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'statuses') as statuses,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'kinds') as kinds,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'chapters') as chapters,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'date_rules') as date_rules,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'verifications') as verifications,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'anomalies') as anomalies,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'stages') as stages,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'visibilities') as visibilities,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'outcomes') as outcomes,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'bodies') as bodies,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'requests') as requests,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'changes') as changes,
       json_object_agg(entry.code, entry.item order by entry.place)
           filter (where entry.vocabulary = 'events') as events
  from (select term.vocabulary, term.place, term.code,
               json_build_object(
                   'name', register.in_language(:'lang'::text, term.name_en, term.name_fr),
                   'definition', register.in_language(:'lang'::text, term.definition_en,
                                                      term.definition_fr),
                   'article', term.article) as item
          from register.vocabulary as term) as entry
