-- The chart of signatures and ratifications, in the Treaty Office's layout: the days of each State,
-- and letters for its current declarations.
begin;
set local role ets144_owner;

--   R  reservations: those of Articles 1(1) and 6(2); Article 17 allows no other
--   D  declarations, denunciations and derogations
--   A  authorities, chosen under Article 15
--   T  territorial application, Article 16
--   C  communications
--   O  objections: no kind of action in the register is an objection
create function register.chart_letter(kind text, articles text[]) returns text
    language sql immutable parallel safe
    return case
               when kind in ('chapter_exclusion', 'vote_only') then 'R'
               when kind = 'authority_declaration' then 'A'
               when kind in ('territorial_declaration', 'territorial_extension',
                             'territorial_withdrawal') then 'T'
               when kind = 'declaration' and exists (
                        select from unnest(articles) as under (article)
                         where under.article ~ '^15\y') then 'A'
               when kind = 'declaration' and exists (
                        select from unnest(articles) as under (article)
                         where under.article ~ '^16\y') then 'T'
               when kind in ('declaration', 'denunciation', 'derogation') then 'D'
               when kind = 'communication' then 'C'
           end;
comment on function register.chart_letter is
    'The letter of the Treaty Office''s chart for an action; null: it has no letter.';

create function register.chart_unconfirmed(
    what text, date date, not_before date, not_after date, verification text, lang text)
    returns text
    language sql stable
    return case when verification = 'unconfirmed' then
               register.phrase(
                   'note_unconfirmed', lang, what,
                   case
                       when not_before is not null and not_after is not null
                           then register.phrase('note_from_to', lang,
                                                register.day_in_words(not_before, lang),
                                                register.day_in_words(not_after, lang))
                       when not_before is not null
                           then register.phrase('note_from', lang,
                                                register.day_in_words(not_before, lang))
                       when not_after is not null
                           then register.phrase('note_to', lang,
                                                register.day_in_words(not_after, lang))
                       else ''
                   end,
                   case when date is not null
                        then register.phrase('note_best_known', lang,
                                             register.day_in_words(date, lang))
                        else '' end)
           end;
comment on function register.chart_unconfirmed is
    'An unconfirmed day as a note of the chart, with its bounds and the best known day; null: '
    'confirmed.';

create function register.chart_letters_at(as_of date, known_at timestamptz)
    returns table (state text, letter text)
    language sql stable
    rows 50
begin atomic
    with effects as materialized (
        select e.* from register.effects_at(as_of, known_at) as e
    ),
    withdrawn as materialized (
        select effects.refers_to as reference
          from effects
         where effects.kind = 'declaration_withdrawal'
    ),
    present as (
        select effects.state,
               coalesce(max(effects.cycle) filter (
                            where effects.category in ('signature', 'consent')
                               or effects.kind = 'denunciation'), 0) as cycle
          from effects
         group by effects.state
    ),
    current_cycle as (
        select present.state, present.cycle,
               count(*) filter (where effects.kind = 'derogation')
               > count(*) filter (where effects.kind = 'derogation_end') as in_derogation
          from present
          join effects on effects.state = present.state and effects.cycle = present.cycle
         group by present.state, present.cycle
    )
    select distinct effects.state, listed.letter
      from effects
      join current_cycle
        on current_cycle.state = effects.state and current_cycle.cycle = effects.cycle
     cross join lateral (
               select register.chart_letter(
                          effects.kind,
                          case when effects.kind = 'declaration' then
                              (select version.articles
                                 from register.action_version as version
                                where version.reference = effects.reference
                                  and version.version = effects.version)
                          end) as letter
           ) as listed
     where listed.letter is not null
       and (effects.kind <> 'derogation' or current_cycle.in_derogation)
       and not exists (
               select from withdrawn where withdrawn.reference = effects.reference)
       and (effects.kind <> 'chapter_exclusion' or exists (
                select
                  from unnest(effects.chapters) as left_out (chapter)
                 where not exists (
                           select
                             from effects as accepted
                            where accepted.state = effects.state
                              and accepted.cycle = effects.cycle
                              and accepted.kind = 'chapter_acceptance'
                              and accepted.effective_on <= as_of
                              and left_out.chapter = any (accepted.chapters))));
end;
comment on function register.chart_letters_at is
    'The letters of each State on a day, for what it did in its present cycle and has not ended.';

create function register.chart_at(as_of date, known_at timestamptz, lang text)
    returns table (
        state text, member boolean, status text, signature text, consent text, in_force_on date,
        letters text[], note text)
    language sql stable
    rows 50
begin atomic
    with letters as (
        select l.state, array_agg(l.letter order by l.letter) as letters
          from register.chart_letters_at(as_of, known_at) as l
         group by l.state
    )
    select status.state, status.member, status.status, status.signature,
           status.consent, status.in_force_on, coalesce(letters.letters, '{}'),
           nullif(concat_ws(
               ' ',
               register.chart_unconfirmed(
                   register.in_language(lang, signed.name_en, signed.name_fr),
                   status.signature_date, status.signature_not_before,
                   status.signature_not_after, status.signature_verification, lang),
               case when status.consent_kind in ('acceptance', 'approval')
                    then register.in_language(lang, consented.name_en, consented.name_fr) || '.' end,
               register.chart_unconfirmed(
                   register.in_language(lang, consented.name_en, consented.name_fr),
                   status.consent_date, status.consent_not_before, status.consent_not_after,
                   status.consent_verification, lang),
               case when status.status in ('party', 'party_denouncing')
                     and (status.chapters <> '{A,B,C}' or status.vote_only)
                    then (select upper(left(bound.words, 1)) || substr(bound.words, 2) || '.'
                            from (select register.chapters_in_words(
                                             status.chapters, status.vote_only, lang))
                                 as bound (words)) end,
               case
                   when status.status = 'party_denouncing' then
                       register.phrase('note_denounced', lang,
                                       register.day_in_words(denunciation.day, lang),
                                       register.day_in_words(status.denunciation_effective_on,
                                                             lang))
                   when status.status = 'former_party' and status.denunciation is null then
                       register.phrase('note_former_party_ended', lang,
                                       (select register.day_in_words(named.existed_until, lang)
                                          from register.state_version as named
                                         where named.reference = status.state
                                           and named.recorded @> known_at))
                   when status.status = 'former_party' then
                       register.phrase('note_former_party', lang,
                                       register.day_in_words(denunciation.day, lang),
                                       register.day_in_words(status.denunciation_effective_on,
                                                             lang))
               end), '')
      from register.periods_on(as_of, known_at) as status
      left join letters on letters.state = status.state
      left join register.kind as signed
        on signed.code = 'signature' and status.signature is not null
      left join register.kind as consented on consented.code = status.consent_kind
      left join register.actions_known(known_at) as denunciation
        on denunciation.reference = status.denunciation
     where status.member or status.status <> 'no_action' or letters.letters is not null;
end;
comment on function register.chart_at is
    'The rows of the chart: every member State on the day, and every other State that has acted '
    'by then; the note has in words what days and letters cannot show.';

commit;
