-- A rule of the Convention or of the record, in words.
select rule.name, rule.article,
       register.in_language(:'lang'::text, rule.title_en, rule.title_fr) as title,
       register.in_language(:'lang'::text, rule.explanation_en, rule.explanation_fr)
           as explanation
  from register.rule
 where rule.name = :'rule'::text
