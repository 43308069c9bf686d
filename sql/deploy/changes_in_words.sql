-- The change feed in words.
begin;
set local role ets144_owner;

insert into register.phrase (code, en, fr)
values
    -- The title of an entry.
    ('change_title', '%1$s: %2$s (%3$s)', '%1$s : %2$s (%3$s)'),
    ('the_convention', 'The Convention', 'La Convention'),
    ('change_recorded', 'recorded', 'enregistrement'),
    ('change_corrected', 'corrected', 'correction'),
    ('change_voided', 'voided', 'annulation'),
    ('change_changed', 'changed', 'changement'),
    -- Its content, the content before, and the reason.
    ('change_gone', 'The register holds it no more.', 'Le registre ne le porte plus.'),
    ('change_before', 'Before: %1$s', 'Auparavant : %1$s'),
    ('change_reason', 'Reason: %1$s', 'Motif : %1$s'),
    ('change_chapters', 'Chapters: %1$s.', 'Chapitres : %1$s.'),
    ('change_covered', 'Territories covered: %1$s.', 'Territoires visés : %1$s.'),
    ('change_left_out', 'Territories left out: %1$s.', 'Territoires exclus : %1$s.'),
    ('change_in_force', 'The Convention enters into force on %1$s (%2$s).',
     'La Convention entre en vigueur le %1$s (%2$s).'),
    ('change_in_force_for', 'The Convention enters into force for it on %1$s (%2$s).',
     'La Convention entre en vigueur à son égard le %1$s (%2$s).'),
    ('change_period', 'From %1$s: %2$s.', 'À partir du %1$s : %2$s.'),
    ('change_party', '%1$s; %2$s', '%1$s ; %2$s'),
    ('change_no_period', 'It is no member of the Council of Europe and has done nothing.',
     'N’est pas membre du Conseil de l’Europe et n’a accompli aucun acte.'),
    ('change_outlook', '%1$s, as of %2$s.', '%1$s, au %2$s.'),
    ('change_reply', 'Reply of %1$s to %2$s.', 'Réponse du %1$s à %2$s.'),
    ('change_codes', 'Name: %1$s; codes: %2$s, %3$s.', 'Nom : %1$s ; codes : %2$s, %3$s.'),
    ('change_member_from', 'Member of the Council of Europe from %1$s.',
     'Membre du Conseil de l’Europe depuis le %1$s.'),
    ('change_member_until', 'Member of the Council of Europe from %1$s to %2$s.',
     'Membre du Conseil de l’Europe du %1$s au %2$s.'),
    -- The feed's title and author.
    ('feed_title', 'Changes in the register of ETS No. 144', 'Changements au registre de la STE n° 144'),
    ('feed_title_of', 'Changes in the register of ETS No. 144: %1$s',
     'Changements au registre de la STE n° 144 : %1$s'),
    ('feed_author', 'The register of ETS No. 144', 'Le registre de la STE n° 144');

create function register.uuid_of(name text) returns text
    language sql stable
    return (select format('%s-%s-8%s-8%s-%s', substr(digest.hex, 1, 8), substr(digest.hex, 9, 4),
                          substr(digest.hex, 13, 3), substr(digest.hex, 16, 3),
                          substr(digest.hex, 19, 12))
              from (select encode(sha256(convert_to(extract(epoch from log.at) || ' ' || name,
                                                    'UTF8')), 'hex') as hex
                      from register.revision_log as log
                     where log.revision = 0) as digest);
comment on function register.uuid_of is
    'A UUID of version 8 (RFC 9562) for a name, different in each deployment.';

create function register.list_in_words(phrase text, list jsonb, lang text) returns text
    language sql stable
    return case when jsonb_array_length(list) > 0
                then register.phrase(phrase, lang,
                                     array_to_string(register.text_array(list), ', ')) end;
comment on function register.list_in_words is
    'A JSON list in a sentence; null: the list is empty.';

-- In PL/pgSQL, here and below, the plan is made once for a session and not for each entry.
create function register.periods_in_words(periods jsonb, lang text) returns text
    language plpgsql stable
as $$
begin
    return (
        with period as (
            select p.place, (p.period ->> 'from')::date as since,
                   case when status.code in ('party', 'party_denouncing')
                        then register.phrase(
                                 'change_party', lang, name.in_language,
                                 register.chapters_in_words(
                                     register.text_array(p.period -> 'chapters'),
                                     (p.period ->> 'vote_only')::boolean, lang))
                        else name.in_language end as words
              from jsonb_array_elements(periods) with ordinality as p (period, place)
              join register.vocabulary_term as status
                on status.vocabulary = 'statuses' and status.code = p.period ->> 'status'
             cross join lateral (
                       select register.in_language(lang, status.name_en, status.name_fr)
                   ) as name (in_language)
        ),
        -- Adjacent periods with equal words are a single period to the reader.
        worded as (
            select period.place, period.since, period.words,
                   lag(period.words) over (order by period.place) as words_before
              from period
        )
        select coalesce(
                   string_agg(register.phrase('change_period', lang,
                                              register.day_in_words(worded.since, lang), worded.words),
                              ' ' order by worded.place),
                   register.phrase('change_no_period', lang))
          from worded
         where worded.words is distinct from worded.words_before);
end
$$;
comment on function register.periods_in_words is
    'A timeline in words: From 26 May 1994: Contracting State. From 1 May 1997: Party; all '
    'chapters bind it.';

create function register.change_content_in_words(
    category text, state text, content jsonb, lang text) returns text
    language plpgsql stable
as $$
begin
    return case
        when content is null then null
        when category = 'entry_into_force' then
            register.phrase(
                case when state is null then 'change_in_force' else 'change_in_force_for' end, lang,
                register.day_in_words((content ->> 'in_force_on')::date, lang),
                content ->> 'consent')
        when category = 'status' then
            register.periods_in_words(content -> 'periods', lang)
        when category = 'call' then
            register.in_language(lang, content ->> 'asks_en', content ->> 'asks_fr')
        when category = 'reply' then
            concat_ws(' ',
                register.phrase('change_reply', lang,
                                register.day_in_words((content ->> 'date')::date, lang),
                                content ->> 'call'),
                register.in_language(lang, content ->> 'text_en', content ->> 'text_fr'))
        when category = 'note' then
            register.in_language(lang, content ->> 'text_en', content ->> 'text_fr')
        when category = 'outlook' then
            (select concat_ws(' ',
                        register.phrase('change_outlook', lang,
                                        register.in_language(lang, stage.name_en, stage.name_fr),
                                        register.day_in_words((content ->> 'date')::date, lang)),
                        register.in_language(lang, content ->> 'note_en', content ->> 'note_fr'),
                        register.in_language(lang, content ->> 'next_step_en',
                                             content ->> 'next_step_fr'))
               from register.vocabulary_term as stage
              where stage.vocabulary = 'stages' and stage.code = content ->> 'stage')
        when category = 'state' then
            register.phrase('change_codes', lang,
                            register.in_language(lang, content ->> 'name_en', content ->> 'name_fr'),
                            content ->> 'alpha2', content ->> 'numeric')
        when category = 'membership' then
            concat_ws(' ',
                register.phrase(
                    case when content ->> 'member_until' is null then 'change_member_from'
                         else 'change_member_until' end, lang,
                    register.day_in_words((content ->> 'member_from')::date, lang),
                    register.day_in_words((content ->> 'member_until')::date - 1, lang)),
                register.in_language(lang, content ->> 'note_en', content ->> 'note_fr'))
        else
            concat_ws(' ',
                register.phrase('step_done', lang,
                                register.day_as_known((content ->> 'date')::date,
                                                      (content ->> 'not_after')::date,
                                                      content ->> 'verification', lang)),
                register.in_language(lang, content ->> 'summary_en', content ->> 'summary_fr'),
                register.list_in_words('change_chapters', content -> 'chapters', lang),
                register.list_in_words('change_covered', content -> 'territories' -> 'covered', lang),
                register.list_in_words('change_left_out', content -> 'territories' -> 'left_out',
                                       lang))
        end;
end
$$;
comment on function register.change_content_in_words is
    'The content of a change feed entry in words; null: the content is null.';

create function register.change_in_words(change register.change, lang text)
    returns table (title text, summary text)
    language sql stable
    rows 1
begin atomic
    -- Materialized: otherwise each mention of the words would put them together again.
    with said as materialized (
        select coalesce(change.after, change.before) as content,
               register.change_content_in_words(change.category, change.state, change.before, lang)
                   as words_before,
               register.change_content_in_words(change.category, change.state, change.after, lang)
                   as words
    )
    select register.phrase(
               'change_title', lang,
               case when change.category = 'call'
                        then register.in_language(lang, said.content ->> 'title_en',
                                                  said.content ->> 'title_fr')
                    when change.category = 'reply' and change.state is null
                        then register.in_language(lang, body.name_en, body.name_fr)
                    when change.state is null then register.phrase('the_convention', lang)
                    else coalesce(register.in_language(lang, version.name_en, version.name_fr),
                                  register.in_language(lang, said.content ->> 'name_en',
                                                       said.content ->> 'name_fr'),
                                  change.state) end,
               coalesce(register.in_language(lang, word.name_en, word.name_fr),
                        register.in_language(lang, category.name_en, category.name_fr)),
               register.phrase('change_' || change.event, lang)),
           concat_ws(' ', coalesce(said.words, register.phrase('change_gone', lang)),
                     case when said.words_before <> coalesce(said.words, '')
                          then register.phrase('change_before', lang, said.words_before) end,
                     case when change.reason is not null
                          then register.phrase('change_reason', lang, change.reason) end)
      from said
      join register.vocabulary_term as category
        on category.vocabulary = 'changes' and category.code = change.category
      left join register.named_state as version
        on version.code = change.state and version.recorded @> change.at
       and version.valid @> (change.at at time zone 'UTC')::date
      left join register.vocabulary_term as body
        on body.vocabulary = 'bodies' and body.code = said.content ->> 'body'
      -- The kind, the stage, or the status once all has taken effect.
      left join register.vocabulary as word
        on (word.vocabulary, word.code)
           in (values ('kinds', said.content ->> 'kind'), ('stages', said.content ->> 'stage'),
                      ('statuses', said.content -> 'periods' -> -1 ->> 'status'));
end;
comment on function register.change_in_words is
    'The title and summary of a change feed entry.';

commit;
