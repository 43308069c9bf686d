-- Replies to calls, by their days. With `reference`: that reply, voided or not.
select reply.reference, reply.version, reply.call, reply.state,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as state_name,
       reply.body, register.in_language(:'lang'::text, body.name_en, body.name_fr) as body_name,
       reply.date, register.in_language(:'lang'::text, reply.text_en, reply.text_fr) as text,
       reply.text_en, reply.text_fr, reply.verification, to_json(reply.sources) as sources,
       reply.voided, reply.recorded_at, reply.recorded_by, reply.date::text as _key
  from register.replies_known(coalesce(:'as_of'::date, 'infinity'), :'known_at'::timestamptz)
       as reply
  left join register.named_state as version
    on version.code = reply.state and version.recorded @> :'known_at'::timestamptz
   and version.valid @> reply.date
  left join register.vocabulary_term as body
    on body.vocabulary = 'bodies' and body.code = reply.body
 where case when :'reference'::text is null then not reply.voided
            else reply.reference = (select register.written_reference(:'reference'::text)) end
   and (:'call'::text is null or reply.call = upper(:'call'::text))
   and (:'state'::text is null
        or reply.state = (select register.state_code_of(:'state'::text, :'as_of'::date,
                                                  :'known_at'::timestamptz)))
   and (:'after_key'::text is null
        or (reply.date::text, reply.reference) > (:'after_key'::text, :'after_reference'::text))
 order by reply.date::text, reply.reference
 limit :'limit'::integer
