-- Calls, oldest first. With `reference`: that call, voided or not.
select call.reference, call.version, call.body,
       register.in_language(:'lang'::text, body.name_en, body.name_fr) as body_name, call.date,
       register.in_language(:'lang'::text, call.title_en, call.title_fr) as title,
       call.clause, to_json(call.asks_for) as asks_for,
       register.in_language(:'lang'::text, call.asks_en, call.asks_fr) as asks,
       call.verification, to_json(call.sources) as sources, call.voided,
       call.recorded_at, call.recorded_by
  from register.calls_known(coalesce(:'as_of'::date, 'infinity'), :'known_at'::timestamptz) as call
  join register.vocabulary_term as body on body.vocabulary = 'bodies' and body.code = call.body
 where case when :'reference'::text is null then not call.voided
            else call.reference = (select register.written_reference(:'reference'::text)) end
 order by call.date, call.reference
