-- Explanations: the status of a State in a sentence, and each effective date step by step, in
-- words.
begin;
set local role ets144_owner;

-- The catalogue of every sentence of the law; arguments replace %1$s …
create table register.phrase (
    code text primary key,
    en text not null,
    fr text not null
);

insert into register.phrase (code, en, fr)
values
    -- Status: the subject, then the days.
    ('status_no_action', '%1$s has neither signed nor consented to be bound by the Convention.',
     '%1$s n’%2$s ni signé la Convention ni consenti à être lié%3$s par elle.'),
    ('status_signatory', '%1$s signed the Convention %4$s and has not consented to be bound by it.',
     '%1$s %2$s signé la Convention %4$s et n’%2$s pas consenti à être lié%3$s par elle.'),
    ('status_contracting_state',
     '%1$s consented to be bound %4$s; the Convention enters into force for it on %5$s.',
     '%1$s %2$s consenti à être lié%3$s %4$s ; la Convention entre en vigueur à son égard le %5$s.'),
    ('status_contracting_state_waiting',
     '%1$s consented to be bound %4$s; the Convention is not in force yet.',
     '%1$s %2$s consenti à être lié%3$s %4$s ; la Convention n’est pas encore en vigueur.'),
    ('status_party', '%1$s has been a Party since %5$s; %6$s.',
     '%1$s %8$s Partie depuis le %5$s ; %6$s.'),
    ('status_party_denouncing',
     '%1$s has been a Party since %5$s; %6$s. Its denunciation takes effect on %7$s.',
     '%1$s %8$s Partie depuis le %5$s ; %6$s. Sa dénonciation prend effet le %7$s.'),
    ('status_former_party', '%1$s was a Party from %5$s until its denunciation took effect on %7$s.',
     '%1$s %2$s été Partie du %5$s jusqu’à la prise d’effet de sa dénonciation, le %7$s.'),
    ('status_former_party_ended', '%1$s was a Party from %5$s until it ceased to exist on %9$s.',
     '%1$s %2$s été Partie du %5$s jusqu’à la fin de son existence comme État, le %9$s.'),
    ('status_no_action_ended', '%1$s, which ceased to exist on %9$s, never was a Party.',
     '%1$s, dont l’existence comme État a pris fin le %9$s, n’%2$s jamais été Partie.'),
    -- Confirmed and unconfirmed days.
    ('on_day', 'on %1$s', 'le %1$s'),
    ('by_day', 'by %1$s at the latest (the day is not confirmed)',
     'au plus tard le %1$s (le jour n’est pas confirmé)'),
    ('around_day', 'on %1$s (the day is not confirmed)',
     'le %1$s (le jour n’est pas confirmé)'),
    -- The chapters that bind a Party.
    ('chapters_all', 'all chapters bind it', 'tous les chapitres s’appliquent'),
    ('chapter_not', 'Chapter %1$s does not bind it', 'le chapitre %1$s ne s’applique pas'),
    ('chapters_not', 'Chapters %1$s do not bind it', 'les chapitres %1$s ne s’appliquent pas'),
    ('chapter_b', 'B (consultative bodies)', 'B (organismes consultatifs)'),
    ('chapter_c', 'C (voting rights)', 'C (droit de vote)'),
    ('vote_only', ', and Chapter C is limited to voting',
     ', et le chapitre C se limite au vote'),
    ('and', ' and ', ' et '),
    -- The steps to a date.
    ('step_done', 'Done %1$s.', 'Fait %1$s.'),
    ('step_counted_from_deposit', 'The instrument was deposited %1$s: the count starts on that day.',
     'L’instrument a été déposé %1$s : le compte part de ce jour.'),
    ('step_counted_from_receipt', 'It was received %1$s: the count starts on that day.',
     'Reçu %1$s : le compte part de ce jour.'),
    ('step_months', '%1$s months later it is %2$s.', '%1$s mois plus tard, c’est le %2$s.'),
    ('step_first_of_following', 'The first day of the following month is %1$s.',
     'Le premier jour du mois suivant est le %1$s.'),
    ('step_entry_into_force',
     'The Convention itself entered into force on %1$s, by the three-month rule from the fourth member State''s consent (%2$s); no State is bound before.',
     'La Convention elle-même est entrée en vigueur le %1$s, par la règle des trois mois à partir du consentement du quatrième État membre (%2$s) ; aucun État n’est lié avant.'),
    ('step_with_consent',
     'It takes effect with the State''s being bound, on %1$s, and not before.',
     'Prend effet avec l’engagement de l’État, le %1$s, et non avant.'),
    ('step_on_its_day', 'It takes effect on its day, %1$s.', 'Prend effet à sa date, le %1$s.'),
    ('step_published_agrees', 'The depositary published the same day.',
     'Le dépositaire a publié le même jour.'),
    ('step_published_decides', 'The depositary published %1$s, which decides.',
     'Le dépositaire a publié le %1$s, qui décide.'),
    ('step_published_ignored',
     'The depositary published %1$s, when the State was not bound yet: that day decides nothing.',
     'Le dépositaire a publié le %1$s, alors que l’État n’était pas encore lié : ce jour ne décide rien.'),
    ('step_no_effect', 'It has no effective date of its own.',
     'Sans date d’effet propre.'),
    ('step_waiting', 'The Convention is not in force: four member States must consent first.',
     'La Convention n’est pas en vigueur : il faut d’abord le consentement de quatre États membres.'),
    ('step_not_bound', 'The State is not bound, so it has no effect.',
     'L’État n’est pas lié ; l’acte est donc sans effet.'),
    -- The notes of the chart.
    ('note_unconfirmed', '%1$s: the day is not confirmed%2$s%3$s.',
     '%1$s : le jour n’est pas confirmé%2$s%3$s.'),
    ('note_from_to', ' (from %1$s to %2$s)', ' (du %1$s au %2$s)'),
    ('note_from', ' (not before %1$s)', ' (au plus tôt le %1$s)'),
    ('note_to', ' (not after %1$s)', ' (au plus tard le %1$s)'),
    ('note_best_known', '; the best known one is %1$s', ' ; le meilleur connu est le %1$s'),
    ('note_denounced', 'Denounced on %1$s, which takes effect on %2$s.',
     'Dénonciation le %1$s, qui prend effet le %2$s.'),
    ('note_former_party', 'Denounced on %1$s; not a Party any more since %2$s.',
     'Dénonciation le %1$s ; n’est plus Partie depuis le %2$s.'),
    ('note_former_party_ended', 'Ceased to exist on %1$s; not a Party any more.',
     'Existence comme État terminée le %1$s ; n’est plus Partie.');

-- In PL/pgSQL, because a session keeps its plan: a function in SQL that has a sub-select is planned at
-- each call, and an explanation has thousands of them.
create function register.phrase(code text, lang text, variadic arguments text[] default '{}')
    returns text
    language plpgsql stable
as $$
begin
    return (select format(register.in_language(lang, p.en, p.fr), variadic arguments)
              from register.phrase as p
             where p.code = phrase.code);
end
$$;
comment on function register.phrase is
    'A sentence of the catalogue in a language, with its arguments filled in.';

create function register.day_in_words(day date, lang text) returns text
    language sql immutable parallel safe
    return case lang
               when 'fr' then
                   case extract(day from day) when 1 then '1er' else extract(day from day)::text end
                   || ' ' || (array['janvier', 'février', 'mars', 'avril', 'mai', 'juin',
                                    'juillet', 'août', 'septembre', 'octobre', 'novembre',
                                    'décembre'])[extract(month from day)::integer]
               else
                   extract(day from day)::text
                   || ' ' || (array['January', 'February', 'March', 'April', 'May', 'June', 'July',
                                    'August', 'September', 'October', 'November',
                                    'December'])[extract(month from day)::integer]
           end || ' ' || extract(year from day)::text;
comment on function register.day_in_words is
    'A day in words: 1 November 2005, 1er novembre 2005.';

create function register.day_as_known(
    date date, not_after date, verification text, lang text) returns text
    language sql stable
    return case
               when verification <> 'unconfirmed'
                   then register.phrase('on_day', lang, register.day_in_words(date, lang))
               when date is not null
                   then register.phrase('around_day', lang, register.day_in_words(date, lang))
               else register.phrase('by_day', lang, register.day_in_words(not_after, lang))
           end;
comment on function register.day_as_known is
    'A day with its certainty: on 5 May 1999, or what is known of an unconfirmed day.';

create function register.chapters_in_words(
    chapters text[], vote_only boolean, lang text) returns text
    language sql stable
    return case
               when chapters @> '{B,C}' then register.phrase('chapters_all', lang)
               when 'B' = any (chapters)
                   then register.phrase('chapter_not', lang, register.phrase('chapter_c', lang))
               when 'C' = any (chapters)
                   then register.phrase('chapter_not', lang, register.phrase('chapter_b', lang))
               else register.phrase('chapters_not', lang,
                                    register.phrase('chapter_b', lang)
                                    || register.phrase('and', lang)
                                    || register.phrase('chapter_c', lang))
           end
           || case when vote_only then register.phrase('vote_only', lang) else '' end;
comment on function register.chapters_in_words is
    'The chapters that bind a Party in words: Chapter C (voting rights) does not bind it.';

create function register.status_in_words(
    state text, as_of date, known_at timestamptz, lang text) returns text
    language sql stable
begin atomic
    select register.phrase(
               case when status.status = 'contracting_state' and status.in_force_on is null
                    then 'status_contracting_state_waiting'
                    when version.existed_until <= as_of and status.denunciation is null
                    then 'status_' || status.status || '_ended'
                    else 'status_' || status.status end,
               lang,
               register.in_language(lang, version.subject_en, version.subject_fr),
               case when version.agreement_fr like '%s' then 'ont' else 'a' end,
               version.agreement_fr,
               case when status.status = 'signatory'
                    then register.day_as_known(status.signature_date, status.signature_not_after,
                                               status.signature_verification, lang)
                    else register.day_as_known(status.consent_date, status.consent_not_after,
                                               status.consent_verification, lang) end,
               register.day_in_words(status.in_force_on, lang),
               register.chapters_in_words(status.chapters, status.vote_only, lang),
               register.day_in_words(status.denunciation_effective_on, lang),
               case when version.agreement_fr like '%s' then 'sont' else 'est' end,
               register.day_in_words(version.existed_until, lang))
      from register.periods_on(as_of, known_at) as status
      join register.named_state as version
        on version.code = status.state and version.recorded @> known_at
       and version.valid @> as_of
     where status.state = status_in_words.state;
end;
comment on function register.status_in_words is
    'The status of a State in a sentence; null: the register did not know the State.';

create function register.effective_date_steps(
    state text, as_of date, known_at timestamptz, lang text)
    returns table (reference text, step bigint, day date, explanation text)
    language sql stable
    rows 50
begin atomic
    with effect as materialized (
        select e.*, entry.in_force_on, entry.reference as fourth
          from register.entry_into_force(as_of, known_at) as entry
         cross join lateral register.state_effects_at(
                   array[effective_date_steps.state], entry.in_force_on, as_of, known_at) as e
    ),
    said as (
        -- The day it counts from.
        select effect.reference, 1 as place, effect.counted_from as day,
               register.phrase(
                   case when effect.category = 'consent' and effect.months is not null
                            then 'step_counted_from_deposit'
                        when effect.months is not null then 'step_counted_from_receipt'
                        else 'step_done' end,
                   lang,
                   case when effect.received_on is not null and effect.category <> 'consent'
                        then register.phrase('on_day', lang,
                                             register.day_in_words(effect.received_on, lang))
                        else register.day_as_known(effect.date, effect.not_after,
                                                   effect.verification, lang) end) as explanation
          from effect

        -- The n-month rule.
        union all
        select effect.reference, 2, (effect.counted_from + make_interval(months => effect.months))::date,
               register.phrase('step_months', lang, effect.months::text,
                               register.day_in_words(
                                   (effect.counted_from
                                    + make_interval(months => effect.months))::date, lang))
          from effect
         where effect.months is not null
        union all
        select effect.reference, 3,
               register.first_of_month_after(effect.months, effect.counted_from),
               register.phrase('step_first_of_following', lang,
                               register.day_in_words(
                                   register.first_of_month_after(effect.months,
                                                                 effect.counted_from), lang))
          from effect
         where effect.months is not null

        -- The entry into force, the day the State is bound, or the action's own day.
        union all
        select effect.reference, 4, effect.in_force_on,
               register.phrase('step_entry_into_force', lang,
                               register.day_in_words(effect.in_force_on, lang), effect.fourth)
          from effect
         where effect.rule = 'entry_into_force'
        union all
        select effect.reference, 5, effect.bound_on,
               register.phrase('step_with_consent', lang,
                               register.day_in_words(effect.bound_on, lang))
          from effect
         where effect.bound_on = effect.computed_effective_date and effect.category <> 'consent'
           and effect.rule in ('with_consent', 'published')
        union all
        select effect.reference, 5, effect.effective_on,
               register.phrase('step_on_its_day', lang,
                               register.day_in_words(effect.effective_on, lang))
          from effect
         where effect.rule = 'on_its_day'

        -- The depositary's published date.
        union all
        select effect.reference, 6, effect.published_effective_date,
               register.phrase(
                   case when effect.published_effective_date = effect.computed_effective_date
                            then 'step_published_agrees'
                        when effect.published_effective_date < effect.bound_on
                            then 'step_published_ignored'
                        else 'step_published_decides' end,
                   lang, register.day_in_words(effect.published_effective_date, lang))
          from effect
         where effect.published_effective_date is not null
           and effect.computed_effective_date is not null

        -- The reason for the lack of an effective date.
        union all
        select effect.reference, 7, null,
               register.phrase(
                   case when effect.category = 'signature' or effect.kind = 'communication'
                            then 'step_no_effect'
                        when effect.in_force_on is null and effect.category = 'consent'
                            then 'step_waiting'
                        else 'step_not_bound' end, lang)
          from effect
         where effect.computed_effective_date is null
    )
    select said.reference, row_number() over (partition by said.reference order by said.place),
           said.day, said.explanation
      from said;
end;
comment on function register.effective_date_steps is
    'The steps to the effective date of each action of a State, in order; a step without a day '
    'gives none.';

commit;
