-- A rule of the Convention or of the record, in words.
select rule.name, rule.article,
       case :'lang'::text when 'fr' then rule.title_fr else rule.title_en end as title,
       case :'lang'::text when 'fr' then rule.explanation_fr else rule.explanation_en end
           as explanation
  from register.rule
 where rule.name = :'rule'::text
