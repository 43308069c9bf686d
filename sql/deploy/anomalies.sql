-- Where the record is weak: what is published and what the rule gives differ, or a fact is not sure.
-- An anomaly breaks no rule; it is work for the secretariat.
begin;
set local role ets144_owner;

create table register.anomaly (
    code text primary key,
    title_en text not null,
    title_fr text not null,
    remedy_en text not null,
    remedy_fr text not null
);

insert into register.anomaly (code, title_en, title_fr, remedy_en, remedy_fr)
values
    ('effective_date_differs', 'The published effective date is not the one the rule gives',
     'La date d''effet publiée n''est pas celle que donne la règle',
     'Compare with the depositary''s notification; correct the published date, or the day it counts from.',
     'Comparez avec la notification du dépositaire ; corrigez la date publiée, ou le jour dont elle part.'),
    ('effective_before_bound', 'Published as effective before the State is bound',
     'Publié comme prenant effet avant que l''État ne soit lié',
     'The published date decides nothing; check it for a misprint.',
     'La date publiée ne décide rien ; vérifiez s''il s''agit d''une coquille.'),
    ('day_unconfirmed', 'The day is not confirmed', 'Le jour n''est pas confirmé',
     'Find a published source for the day, and correct the action with it.',
     'Trouvez une source publiée pour le jour, et corrigez l''acte en conséquence.'),
    ('signature_day_unknown', 'Consent, but the day of the signature is not known',
     'Consentement, mais le jour de la signature n''est pas connu',
     'Find the day of the signature; it counts from its last possible day until then.',
     'Trouvez le jour de la signature ; d''ici là, elle compte à partir du dernier jour possible.'),
    ('text_missing', 'A declaration without its articles or text',
     'Une déclaration sans articles ni texte',
     'Enter the text from the Treaty Office''s list.',
     'Reprenez le texte de la liste du Bureau des Traités.'),
    ('sources_disagree', 'Published sources disagree', 'Des sources publiées divergent',
     'Settle which source is right, and note why.',
     'Établissez quelle source est exacte, et notez pourquoi.');

-- Each anomaly on a day, as known at a moment, with the two values that do not agree.
create function register.anomalies_at(as_of date, known_at timestamptz)
    returns table (code text, state text, reference text, recorded text, expected text)
    language sql stable
    rows 50
begin atomic
    with effect as materialized (
        select e.* from register.effects_at(as_of, known_at) as e
    )
    select 'effective_date_differs', effect.state, effect.reference,
           effect.published_effective_date::text, effect.computed_effective_date::text
      from effect
     where effect.published_effective_date <> effect.computed_effective_date

    union all
    select 'effective_before_bound', effect.state, effect.reference,
           effect.published_effective_date::text, effect.bound_on::text
      from effect
     where effect.published_effective_date < effect.bound_on

    union all
    select 'day_unconfirmed', effect.state, effect.reference, effect.date::text,
           coalesce(effect.not_before::text, '') || '/' || coalesce(effect.not_after::text, '')
      from effect
     where effect.verification = 'unconfirmed'

    union all
    select 'signature_day_unknown', signature.state, signature.reference, signature.date::text,
           coalesce(signature.not_before::text, '') || '/'
           || coalesce(signature.not_after::text, '')
      from effect as signature
     where signature.category = 'signature' and signature.date is null
       and exists (select
                     from effect as consent
                    where consent.state = signature.state and consent.cycle = signature.cycle
                      and consent.category = 'consent')

    union all
    select 'text_missing', effect.state, effect.reference, null, null
      from effect
      join register.action_version as version
        on version.reference = effect.reference and version.version = effect.version
     where effect.category in ('deposit', 'other') and cardinality(version.articles) = 0

    union all
    select 'sources_disagree', membership.state, null, membership.member_from::text,
           membership.note
      from register.membership
     where membership.recorded @> known_at and membership.member_from <= as_of
       and membership.note ilike '%sources disagree%';
end;

grant select on register.anomaly to ets144_service, ets144_admin;
grant execute on function register.anomalies_at(date, timestamptz)
    to ets144_service, ets144_admin;

commit;
