-- The Convention: opening, entry into force, and the number of States of each status.
select '144' as number, 'ETS No. 144' as series,
       register.in_language(
           :'lang'::text,
           'Convention on the Participation of Foreigners in Public Life at Local Level',
           'Convention sur la participation des étrangers à la vie publique au niveau local')
           as title,
       date '1992-02-05' as opened_on, 'Strasbourg' as opened_at,
       entry.in_force_on,
       coalesce(entry.in_force_on <= :'as_of'::date, false) as in_force,
       4 as consents_required, entry.reference as brought_into_force_by,
       (select json_agg(json_build_object(
                   'code', chapter.code,
                   'title', register.in_language(:'lang'::text, chapter.name_en, chapter.name_fr),
                   'may_be_left_out', chapter.code <> 'A')
                   order by chapter.place)
          from register.vocabulary_term as chapter
         where chapter.vocabulary = 'chapters') as chapters,
       counted.members as "counts.members",
       counted.signatories as "counts.signatories",
       counted.contracting_states as "counts.contracting_states",
       counted.parties as "counts.parties",
       head.revision as "head.revision", encode(head.digest, 'hex') as "head.digest"
  from register.entry_into_force(:'as_of'::date, :'known_at'::timestamptz) as entry
 cross join (
           select count(*) filter (where status.member) as members,
                  count(*) filter (where status.status = 'signatory') as signatories,
                  count(*) filter (where status.status = 'contracting_state')
                      as contracting_states,
                  count(*) filter (where status.status in ('party', 'party_denouncing'))
                      as parties
             from register.status_at(:'as_of'::date, :'known_at'::timestamptz) as status
       ) as counted
  join register.revision_digest as head on head.revision = :'revision'::bigint
