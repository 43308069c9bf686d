-- The calendar: the days on which actions take effect, past and to come.
begin;
set local role ets144_owner;

insert into register.phrase (code, en, fr)
values
    ('calendar_title', 'ETS No. 144: days of effect', 'STE n° 144 : dates d’effet'),
    ('calendar_title_of', 'ETS No. 144: days of effect, %1$s', 'STE n° 144 : dates d’effet, %1$s'),
    ('effect_of_convention', 'ETS No. 144 enters into force', 'La STE n° 144 entre en vigueur'),
    ('effect_of_consent', '%1$s: ETS No. 144 enters into force',
     '%1$s : la STE n° 144 entre en vigueur'),
    ('effect_of_denunciation', '%1$s: ETS No. 144 ceases to be in force',
     '%1$s : la STE n° 144 cesse d’être en vigueur'),
    ('effect_of_other', '%1$s: %2$s takes effect', '%1$s : prise d’effet, %2$s');

--   changed_at  the time since which the day is unchanged
create function register.calendar_at(known_at timestamptz, lang text)
    returns table (
        uid text, day date, state text, reference text, kind text, category text, summary text,
        description text, changed_at timestamptz)
    language sql stable
    rows 100
begin atomic
    select register.uuid_of('effect ' || effect.reference), effect.effective_on, effect.state,
           effect.reference, effect.kind,
           register.in_language(lang, kind.name_en, kind.name_fr),
           register.phrase(
               case when effect.category = 'consent' then 'effect_of_consent'
                    when effect.kind = 'denunciation' then 'effect_of_denunciation'
                    else 'effect_of_other' end, lang,
               register.in_language(lang, version.name_en, version.name_fr),
               register.in_language(lang, kind.name_en, kind.name_fr)),
           concat_ws(' ', register.in_language(lang, rule.definition_en, rule.definition_fr),
                     register.in_language(lang, said.summary_en, said.summary_fr)),
           greatest(lower(said.recorded), moved.at)
      from register.effects_at('infinity', known_at) as effect
      join register.action_version as said
        on said.reference = effect.reference and said.version = effect.version
      join register.kind on kind.code = effect.kind
      join register.vocabulary_term as rule
        on rule.vocabulary = 'date_rules' and rule.code = effect.rule
      join register.named_state as version
        on version.code = effect.state and version.recorded @> known_at
       and version.valid @> effect.effective_on
      left join lateral (
               select c.at
                 from register.change as c
                where c.category = 'entry_into_force' and c.state = effect.state
                  and c.at <= known_at
                order by c.at desc
                limit 1
           ) as moved on true
     where effect.effective_on is not null

    union all
    select register.uuid_of('effect of the Convention'), entry.in_force_on, null, entry.reference,
           null, term.name, register.phrase('effect_of_convention', lang),
           register.in_language(lang, rule.definition_en, rule.definition_fr), moved.at
      from register.entry_into_force('infinity', known_at) as entry
      join register.vocabulary_term as rule
        on rule.vocabulary = 'date_rules' and rule.code = 'entry_into_force'
     cross join lateral (
               select register.in_language(lang, t.name_en, t.name_fr) as name
                 from register.vocabulary_term as t
                where t.vocabulary = 'changes' and t.code = 'entry_into_force'
           ) as term
     cross join lateral (
               select c.at
                 from register.change as c
                where c.category = 'entry_into_force' and c.state is null and c.at <= known_at
                order by c.at desc
                limit 1
           ) as moved
     where entry.in_force_on is not null;
end;
comment on function register.calendar_at is
    'The days of effect, as known at a moment; the Convention''s own has no State.';

commit;
