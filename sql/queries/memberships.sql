-- Memberships that are not voided, by State; with `as_of` those of that day. With `reference`: that
-- membership, voided or not. The name is that of the last day of the membership, or of today.
select membership.reference, membership.state,
       register.in_language(:'lang'::text, named.name_en, named.name_fr) as name,
       version.version, version.member_from, version.member_until,
       register.in_language(:'lang'::text, version.note_en, version.note_fr) as note,
       version.note_en, version.note_fr, version.sources_disagree, version.verification,
       to_json(version.sources) as sources, version.voided,
       lower(version.recorded) as recorded_at, version.author as recorded_by,
       membership.state || lpad(membership.number::text, 10, '0') as _key
  from register.membership
  join register.membership_version as version
    on version.reference = membership.reference and version.recorded @> :'known_at'::timestamptz
  left join register.named_state as named
    on named.code = membership.state and named.recorded @> :'known_at'::timestamptz
   and named.valid @> coalesce(version.member_until - 1, register.today())
 where case when :'reference'::text is not null
            then membership.reference = (select register.written_reference(:'reference'::text))
            else not version.voided
             and (:'as_of'::date is null
                  or register.day_range(version.member_from, version.member_until)
                     @> :'as_of'::date)
             and (:'state'::text is null
                  or membership.state = (select register.state_code_of(:'state'::text, :'as_of'::date,
                                                                      :'known_at'::timestamptz)))
             and (:'after_key'::text is null
                  or membership.state || lpad(membership.number::text, 10, '0')
                     > :'after_key'::text) end
 order by membership.state, membership.number
 limit :'limit'::integer
