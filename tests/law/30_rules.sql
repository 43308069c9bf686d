-- Every rule of the Convention and of the record: a legal case and an illegal one, each on the real
-- record with nothing else changed. The SQLSTATE expected is the rule's own.
begin;
select no_plan();

create function pg_temp.act(state text, kind text, day text, more jsonb default '{}') returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'action', null,
               jsonb_build_object('state', state, 'kind', kind, 'date', day,
                                  'verification', 'single_source',
                                  'sources', array['https://source.example']) || more, 'tests')
$$;

create function pg_temp.correct(action text, kind text, day text, why text) returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('PRT', 'signature', '2020-01-01');
    return (select reference
              from register.operation_apply('correct', 'action', action,
                       jsonb_build_object('kind', kind, 'date', day, 'reason', why,
                                          'verification', 'single_source',
                                          'sources', array['https://source.example']), 'tests'));
end
$$;

create function pg_temp.both(state text, day text) returns text
    language plpgsql
as $$
begin
    perform pg_temp.act(state, 'signature', day);
    return pg_temp.act(state, 'ratification', day);
end
$$;

create function pg_temp.left_then_ratifies() returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('RUS', 'signature', '2000-01-01');
    return pg_temp.act('RUS', 'ratification', '2023-01-01');
end
$$;

create function pg_temp.derogation_ends() returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('NOR', 'derogation', '2020-01-01');
    return pg_temp.act('NOR', 'derogation_end', '2020-06-01');
end
$$;

create function pg_temp.denounces_twice() returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('NOR', 'denunciation', '2020-01-01');
    return pg_temp.act('NOR', 'denunciation', '2020-02-01');
end
$$;

create function pg_temp.comes_back() returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('NOR', 'denunciation', '2020-01-01');
    perform pg_temp.act('NOR', 'signature', '2021-01-01');
    return pg_temp.act('NOR', 'ratification', '2021-01-01');
end
$$;

create function pg_temp.acts_after_leaving() returns text
    language plpgsql
as $$
begin
    perform pg_temp.act('NOR', 'denunciation', '2020-01-01');
    return pg_temp.act('NOR', 'declaration', '2021-01-01');
end
$$;

-- Imports one row for each document; the first fault's rule, where it is refused.
create function pg_temp.import(variadic documents jsonb[]) returns text
    language plpgsql
as $$
declare
    told text;
begin
    return (select reference
              from register.import_record(
                       (select jsonb_agg(jsonb_build_object(
                                   'line', row.line,
                                   'document', '{"state": "GBR", "kind": "communication",
                                       "date": "2020-01-01", "verification": "single_source",
                                       "sources": ["https://source.example"]}' || row.document)
                                   order by row.line)
                          from unnest(documents) with ordinality as row (document, line)),
                       sha256('a file'), 'tests'));
exception
    when sqlstate 'T6001' then
        get stacked diagnostics told = pg_exception_detail;
        raise exception 'refused' using constraint = told::jsonb -> 'faults' -> 0 ->> 'rule';
end
$$;

-- Records a changeset of the operations; the first fault's rule, where it is refused.
create function pg_temp.changeset(variadic operations jsonb[]) returns text
    language plpgsql
as $$
declare
    told text;
begin
    return (register.changeset_record(
                jsonb_build_object('reason', 'Tried.', 'operations', to_jsonb(operations)),
                'tests')).reference;
exception
    when sqlstate 'T6002' then
        get stacked diagnostics told = pg_exception_detail;
        raise exception 'refused' using constraint = told::jsonb -> 'faults' -> 0 ->> 'rule';
end
$$;

create function pg_temp.says(more jsonb, name text default null) returns jsonb
    language sql
    return jsonb_build_object('op', 'record', 'type', 'action', 'name', name, 'document',
        '{"state": "GBR", "kind": "communication", "date": "2020-01-01",
          "verification": "single_source", "sources": ["https://source.example"]}' || more);

create function pg_temp.notes(visibility text) returns jsonb
    language sql
    return jsonb_build_object('op', 'record', 'type', 'outlook', 'document', jsonb_build_object(
        'state', 'GBR', 'stage', 'no_plan', 'date', '2020-01-01', 'visibility', visibility,
        'sources', array['https://source.example']));

create function pg_temp.changes(op text, reference text, document jsonb default null) returns jsonb
    language sql
    return jsonb_build_object('op', op, 'type', 'action', 'reference', reference, 'version', 1,
                              'document', document);

create function pg_temp.voids_twice() returns text
    language plpgsql
as $$
begin
    perform pg_temp.changeset(pg_temp.says('{}'));
    perform pg_temp.changeset(pg_temp.changes('void', 'GBR-2'));
    return pg_temp.changeset(pg_temp.changes('void', 'GBR-2') || '{"version": 2}');
end
$$;

create temporary table tried (rule text, legal boolean);

-- Runs one case and undoes it; true if the rule, and the rule first of all, did what is expected.
create function pg_temp.try(rule text, legal boolean, sentence text, case_ text) returns text
    language plpgsql
as $$
declare
    met text := 'none';
begin
    begin
        execute 'select pg_temp.' || case_;
        raise exception 'undo' using errcode = 'ZZZZZ';
    exception
        when sqlstate 'ZZZZZ' then
            null;
        when others then
            get stacked diagnostics met = constraint_name;
    end;
    insert into tried values (try.rule, try.legal);
    return is(met, case when legal then 'none' else try.rule end, try.rule || ': ' || sentence);
end
$$;

select pg_temp.try('state_exists', true,
    'a State that the register knows has its actions recorded',
    $$ act('PRT','signature','2020-01-01') $$);
select pg_temp.try('state_exists', false,
    'an unknown State has none',
    $$ act('XXX','signature','2020-01-01') $$);

select pg_temp.try('kind_exists', true,
    'a kind of the vocabulary is recorded',
    $$ act('NOR','communication','2020-01-01') $$);
select pg_temp.try('kind_exists', false,
    'applause is no kind of action',
    $$ act('NOR','applause','2020-01-01') $$);

select pg_temp.try('verification_exists', true,
    'a fact from a single source is recorded',
    $$ act('PRT','signature','2020-01-01') $$);
select pg_temp.try('verification_exists', false,
    'there is no other degree of verification',
    $$ act('PRT','signature','2020-01-01','{"verification":"rumour"}') $$);

select pg_temp.try('no_reservation', true,
    'what the Convention offers is no reservation',
    $$ act('NOR','declaration','2020-01-01') $$);
select pg_temp.try('no_reservation', false,
    'no other reservation can be made',
    $$ act('NOR','reservation','2020-01-01') $$);

select pg_temp.try('day_given', true,
    'an unconfirmed action may have only its last possible day',
    $$ act('PRT','signature',null,'{"verification":"unconfirmed","not_after":"2020-01-01"}') $$);
select pg_temp.try('day_given', false,
    'but not no day at all',
    $$ act('PRT','signature',null,'{"verification":"unconfirmed"}') $$);

select pg_temp.try('days_in_order', true,
    'the best known day lies between its bounds',
    $$ act('PRT','signature','2000-06-01','{"verification":"unconfirmed","not_before":"2000-01-01","not_after":"2001-01-01"}') $$);
select pg_temp.try('days_in_order', false,
    'and never outside them',
    $$ act('PRT','signature','2002-06-01','{"verification":"unconfirmed","not_before":"2000-01-01","not_after":"2001-01-01"}') $$);
select pg_temp.try('days_in_order', false,
    'nor do the bounds cross',
    $$ act('PRT','signature',null,'{"verification":"unconfirmed","not_before":"2001-01-01","not_after":"2000-01-01"}') $$);

select pg_temp.try('known_day_is_dated', true,
    'what a source says has its day',
    $$ act('PRT','signature','2000-06-01') $$);
select pg_temp.try('known_day_is_dated', false,
    'a verified action without a date is refused',
    $$ act('PRT','signature',null,'{"not_after":"2001-01-01"}') $$);

select pg_temp.try('sources_match_verification', true,
    'confirmed means two sources',
    $$ act('PRT','signature','2000-06-01','{"verification":"confirmed","sources":["https://a.example","https://b.example"]}') $$);
select pg_temp.try('sources_match_verification', false,
    'and not one',
    $$ act('PRT','signature','2000-06-01','{"verification":"confirmed"}') $$);

select pg_temp.try('day_not_in_future', true,
    'a notification received already may be for a day to come',
    $$ act('NOR','communication',(register.today()+30)::text,'{"received_on":"2020-01-01"}') $$);
select pg_temp.try('day_not_in_future', false,
    'a day to come is not recorded otherwise',
    $$ act('PRT','signature',(register.today()+1)::text) $$);

select pg_temp.try('open_for_signature', true,
    'a State may sign on the day of the opening',
    $$ act('PRT','signature','1992-02-05') $$);
select pg_temp.try('open_for_signature', false,
    'and not before',
    $$ act('PRT','signature','1992-02-04') $$);

select pg_temp.try('effect_not_before_act', true,
    'an effect follows the act',
    $$ act('NOR','declaration','2020-01-01','{"published_effective_date":"2020-01-01"}') $$);
select pg_temp.try('effect_not_before_act', false,
    'and never comes before it',
    $$ act('NOR','declaration','2020-01-01','{"published_effective_date":"2019-12-31"}') $$);

select pg_temp.try('reference_exists', true,
    'an action may refer to another of its State',
    $$ act('NOR','communication','2020-01-01','{"refers_to":"NOR-2"}') $$);
select pg_temp.try('reference_exists', false,
    'but not to another State''s',
    $$ act('NOR','communication','2020-01-01','{"refers_to":"ITA-2"}') $$);

select pg_temp.try('reason_given', true,
    'a correction says why',
    $$ correct('PRT-1','signature','2020-01-02','typing error') $$);
select pg_temp.try('reason_given', false,
    'and is refused without',
    $$ correct('PRT-1','signature','2020-01-02',null) $$);

select pg_temp.try('signature_by_member', true,
    'a member State signs',
    $$ act('RUS','signature','2000-01-01') $$);
select pg_temp.try('signature_by_member', false,
    'a State that is no member cannot',
    $$ act('RUS','signature','2023-01-01') $$);

select pg_temp.try('one_signature', true,
    'a State signs once',
    $$ act('PRT','signature','2000-01-01') $$);
select pg_temp.try('one_signature', false,
    'and not twice',
    $$ act('GBR','signature','2000-01-01') $$);

select pg_temp.try('signature_before_consent', true,
    'a State may sign and ratify on one day',
    $$ both('PRT','2000-01-01') $$);
select pg_temp.try('signature_before_consent', false,
    'but not ratify without having signed',
    $$ act('PRT','ratification','2000-01-01') $$);

select pg_temp.try('ratification_by_member', true,
    'a member State ratifies what it signed',
    $$ act('GBR','ratification','2020-01-01') $$);
select pg_temp.try('ratification_by_member', false,
    'a State that has left cannot',
    $$ left_then_ratifies() $$);

select pg_temp.try('accession_by_non_member', true,
    'a State that is no member accedes',
    $$ act('RUS','accession','2023-01-01') $$);
select pg_temp.try('accession_by_non_member', false,
    'a member State cannot accede',
    $$ act('PRT','accession','2023-01-01') $$);

select pg_temp.try('accession_after_entry_into_force', true,
    'an accession follows the entry into force',
    $$ act('RUS','accession','2023-01-01') $$);
select pg_temp.try('accession_after_entry_into_force', false,
    'and cannot come before it',
    $$ act('RUS','accession','1995-01-01') $$);

select pg_temp.try('no_second_consent', true,
    'a signatory consents to be bound',
    $$ act('GBR','acceptance','2020-01-01') $$);
select pg_temp.try('no_second_consent', false,
    'a State that is bound cannot consent again',
    $$ act('ITA','approval','2020-01-01') $$);

select pg_temp.try('chapter_a_always_applies', true,
    'Chapters B and C may be left out',
    $$ act('NLD','chapter_exclusion','1997-01-28','{"chapters":["B","C"]}') $$);
select pg_temp.try('chapter_a_always_applies', false,
    'Chapter A may not',
    $$ act('NLD','chapter_exclusion','1997-01-28','{"chapters":["A"]}') $$);

select pg_temp.try('chapters_named', true,
    'an exclusion names its chapters',
    $$ act('NLD','chapter_exclusion','1997-01-28','{"chapters":["C"]}') $$);
select pg_temp.try('chapters_named', false,
    'an exclusion of nothing is none',
    $$ act('NLD','chapter_exclusion','1997-01-28') $$);

select pg_temp.try('chapter_exclusion_at_deposit', true,
    'chapters are left out on the day of the deposit',
    $$ act('NLD','chapter_exclusion','1997-01-28','{"chapters":["C"]}') $$);
select pg_temp.try('chapter_exclusion_at_deposit', false,
    'and not a day later',
    $$ act('NLD','chapter_exclusion','1997-01-29','{"chapters":["C"]}') $$);

select pg_temp.try('chapter_acceptance_of_left_out', true,
    'a State accepts later what it left out',
    $$ act('ITA','chapter_acceptance','2020-01-01','{"chapters":["C"]}') $$);
select pg_temp.try('chapter_acceptance_of_left_out', false,
    'and not what binds it already',
    $$ act('ITA','chapter_acceptance','2020-01-01','{"chapters":["B"]}') $$);

select pg_temp.try('vote_only_at_deposit', true,
    'Chapter C is limited to voting at the deposit',
    $$ act('NLD','vote_only','1997-01-28') $$);
select pg_temp.try('vote_only_at_deposit', false,
    'and not afterwards',
    $$ act('NLD','vote_only','1997-02-28') $$);

select pg_temp.try('vote_only_needs_chapter_c', true,
    'the limit is for those whom Chapter C binds',
    $$ act('FIN','vote_only','2001-01-12') $$);
select pg_temp.try('vote_only_needs_chapter_c', false,
    'and has no place where it was left out',
    $$ act('ITA','vote_only','1994-05-26') $$);

select pg_temp.try('authority_declaration_at_deposit', true,
    'authorities are named at the deposit',
    $$ act('FIN','authority_declaration','2001-01-12') $$);
select pg_temp.try('authority_declaration_at_deposit', false,
    'and not afterwards',
    $$ act('FIN','authority_declaration','2001-01-13') $$);

select pg_temp.try('territorial_declaration_in_time', true,
    'territories are declared when signing, too',
    $$ act('GBR','territorial_declaration','1992-02-05','{"territories":{"covered":["GI"]}}') $$);
select pg_temp.try('territorial_declaration_in_time', false,
    'and not between times',
    $$ act('GBR','territorial_declaration','1995-02-05','{"territories":{"covered":["GI"]}}') $$);

select pg_temp.try('territories_named', true,
    'an extension names what it covers',
    $$ act('DNK','territorial_extension','2020-01-01','{"territories":{"covered":["FO"]}}') $$);
select pg_temp.try('territories_named', false,
    'an action of another kind names no territory',
    $$ act('DNK','communication','2020-01-01','{"territories":{"covered":["FO"]}}') $$);

select pg_temp.try('territorial_extension_of_uncovered', true,
    'the Faroe Islands, left out, may be covered later',
    $$ act('DNK','territorial_extension','2020-01-01','{"territories":{"covered":["FO"]}}') $$);
select pg_temp.try('territorial_extension_of_uncovered', false,
    'what is covered is not covered again',
    $$ act('NLD','territorial_extension','2020-01-01','{"territories":{"covered":["NL-Europe"]}}') $$);

select pg_temp.try('territorial_withdrawal_of_covered', true,
    'what a declaration covered can be withdrawn',
    $$ act('NLD','territorial_withdrawal','2020-01-01','{"territories":{"left_out":["NL-Europe"]}}') $$);
select pg_temp.try('territorial_withdrawal_of_covered', false,
    'what was never covered cannot',
    $$ act('DNK','territorial_withdrawal','2020-01-01','{"territories":{"left_out":["FO"]}}') $$);

select pg_temp.try('derogation_by_party', true,
    'a Party notifies a derogation',
    $$ act('NOR','derogation','2020-01-01') $$);
select pg_temp.try('derogation_by_party', false,
    'a signatory has nothing to derogate from',
    $$ act('GBR','derogation','2020-01-01') $$);

select pg_temp.try('derogation_end_after_derogation', true,
    'a derogation that runs may end',
    $$ derogation_ends() $$);
select pg_temp.try('derogation_end_after_derogation', false,
    'none ends that did not begin',
    $$ act('NOR','derogation_end','2020-01-01') $$);

select pg_temp.try('withdrawal_names_declaration', true,
    'a withdrawal names the declaration',
    $$ act('NLD','declaration_withdrawal','2020-01-01','{"refers_to":"NLD-3"}') $$);
select pg_temp.try('withdrawal_names_declaration', false,
    'a ratification is no declaration to withdraw',
    $$ act('NLD','declaration_withdrawal','2020-01-01','{"refers_to":"NLD-2"}') $$);

select pg_temp.try('denunciation_by_party', true,
    'a Party denounces',
    $$ act('NOR','denunciation','2020-01-01') $$);
select pg_temp.try('denunciation_by_party', false,
    'a signatory cannot',
    $$ act('GBR','denunciation','2020-01-01') $$);

select pg_temp.try('one_denunciation', true,
    'a Party denounces once',
    $$ act('NOR','denunciation','2020-01-01') $$);
select pg_temp.try('one_denunciation', false,
    'and not again while it runs',
    $$ denounces_twice() $$);

select pg_temp.try('nothing_after_denunciation', true,
    'a former Party may sign anew',
    $$ comes_back() $$);
select pg_temp.try('nothing_after_denunciation', false,
    'and do nothing else before',
    $$ acts_after_leaving() $$);

create function pg_temp.call(more jsonb) returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'call', null,
               jsonb_build_object(
                   'reference', 'CG-TEST-1', 'body', 'congress', 'date', '2020-01-01',
                   'title_en', 'A call', 'title_fr', 'Un appel', 'asks_for', array['consent'],
                   'asks_en', 'To ratify.', 'asks_fr', 'De ratifier.',
                   'verification', 'single_source',
                   'sources', array['https://source.example']) || more, 'tests')
$$;

create function pg_temp.entry(more jsonb) returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'outlook', null,
               jsonb_build_object('state', 'FRA', 'stage', 'under_study', 'date', '2020-01-01',
                                  'visibility', 'public',
                                  'sources', array['https://source.example']) || more, 'tests')
$$;

select pg_temp.try('call_reference_free', true, 'a call has a reference of its own',
    $$ call('{}') $$);
select pg_temp.try('call_reference_free', false, 'and no other''s',
    $$ call('{"reference": "cg-rec-304"}') $$);
select pg_temp.try('call_body_exists', true, 'a conference calls',
    $$ call('{"body": "conference"}') $$);
select pg_temp.try('call_body_exists', false, 'a club does not',
    $$ call('{"body": "club"}') $$);
select pg_temp.try('call_asks_for_something', true, 'a call asks for both',
    $$ call('{"asks_for": ["signature", "consent"]}') $$);
select pg_temp.try('call_asks_for_something', false, 'but not for nothing',
    $$ call('{"asks_for": []}') $$);

create function pg_temp.reply(more jsonb) returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'reply', null,
               jsonb_build_object('state', 'FRA', 'call', 'CG-REC-304', 'date', '2012-01-01',
                                  'text_en', 'Under study.', 'verification', 'single_source',
                                  'sources', array['https://source.example']) || more, 'tests')
$$;

create function pg_temp.voids_call(also_reply boolean) returns text
    language plpgsql
as $$
declare
    reply constant text := pg_temp.reply('{"call": "CG-TEST-1", "date": "2020-02-01"}');
begin
    return pg_temp.changeset(variadic
        array['{"op": "void", "type": "call", "reference": "CG-TEST-1", "version": 1}'::jsonb]
        || case when also_reply
                then array[jsonb_build_object('op', 'void', 'type', 'reply', 'reference', reply,
                                              'version', 1)] else '{}' end);
end
$$;

create function pg_temp.calls_then_voids(also_reply boolean) returns text
    language plpgsql
as $$
begin
    perform pg_temp.call('{}');
    return pg_temp.voids_call(also_reply);
end
$$;

select pg_temp.try('reply_to_call', true, 'France replied to Recommendation 304',
    $$ reply('{}') $$);
select pg_temp.try('reply_to_call', false, 'and to no call that nobody made',
    $$ reply('{"call": "CG-REC-9999"}') $$);
select pg_temp.try('reply_not_before_call', true, 'a reply comes on the day of the call',
    $$ reply('{"date": "2011-03-24"}') $$);
select pg_temp.try('reply_not_before_call', false, 'and not the day before',
    $$ reply('{"date": "2011-03-23"}') $$);
select pg_temp.try('reply_by_state_or_body', true, 'a body replies',
    $$ reply('{"state": null, "body": "committee_of_ministers"}') $$);
select pg_temp.try('reply_by_state_or_body', false, 'but not with a State',
    $$ reply('{"body": "committee_of_ministers"}') $$);
select pg_temp.try('call_without_replies', true, 'a call is voided with its reply',
    $$ calls_then_voids(true) $$);
select pg_temp.try('call_without_replies', false, 'and not without',
    $$ calls_then_voids(false) $$);
select pg_temp.try('text_given', true, 'a reply in French will do',
    $$ reply('{"text_en": null, "text_fr": "À l’étude."}') $$);
select pg_temp.try('text_given', false, 'and silence is no reply',
    $$ reply('{"text_en": null}') $$);

create function pg_temp.note(subject jsonb, more jsonb default '{}') returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'note', null,
               jsonb_build_object('state', 'ITA', 'subject', subject, 'outcome', 'accepted',
                                  'text_en', 'Checked.') || more, 'tests')
$$;

select pg_temp.try('note_has_subject', true, 'a note is on an anomaly',
    $$ note('{"anomaly": "text_missing", "action": "ITA-1"}') $$);
select pg_temp.try('note_has_subject', false, 'of those that there are',
    $$ note('{"anomaly": "boredom"}') $$);
select pg_temp.try('note_action_of_state', true, 'of an action of its State',
    $$ note('{"anomaly": "day_unconfirmed", "action": "ita-2"}') $$);
select pg_temp.try('note_action_of_state', false, 'and of no other''s',
    $$ note('{"anomaly": "day_unconfirmed", "action": "GBR-1"}') $$);
select pg_temp.try('note_values_differ', true, 'a note is on a difference',
    $$ note('{"difference": "consent", "register": {"date": "1994-05-26"}, "chart": null}') $$);
select pg_temp.try('note_values_differ', false, 'not on an agreement',
    $$ note('{"difference": "consent", "register": {"date": "1994-05-26", "action": "ITA-2"},
              "chart": {"date": "1994-05-26", "not_before": null}}') $$);
select pg_temp.try('outcome_exists', true, 'a matter is open',
    $$ note('{"anomaly": "day_unconfirmed"}', '{"outcome": "open"}') $$);
select pg_temp.try('outcome_exists', false, 'or accepted, not forgotten',
    $$ note('{"anomaly": "day_unconfirmed"}', '{"outcome": "forgotten"}') $$);

select pg_temp.try('stage_exists', true, 'a bill is tabled',
    $$ entry('{"stage": "bill_tabled"}') $$);
select pg_temp.try('stage_exists', false, 'a rumour is no stage',
    $$ entry('{"stage": "rumour"}') $$);
select pg_temp.try('visibility_exists', true, 'an entry is internal',
    $$ entry('{"visibility": "internal"}') $$);
select pg_temp.try('visibility_exists', false, 'but not secret',
    $$ entry('{"visibility": "secret"}') $$);
select pg_temp.try('outlook_before_party', true, 'Italy had an outlook before it was a Party',
    $$ entry('{"state": "ITA", "date": "1997-04-30"}') $$);
select pg_temp.try('outlook_before_party', false, 'and none since',
    $$ entry('{"state": "ITA", "date": "1997-05-01"}') $$);
select pg_temp.try('public_outlook_has_source', true, 'an internal entry needs no source',
    $$ entry('{"visibility": "internal", "sources": []}') $$);
select pg_temp.try('public_outlook_has_source', false, 'a public one does',
    $$ entry('{"sources": []}') $$);

select pg_temp.try('reference_of_state', true, 'a file gives a State''s own number',
    $$ import('{"reference": "GBR-900"}') $$);
select pg_temp.try('reference_of_state', false, 'and not another State''s',
    $$ import('{"reference": "ITA-900"}') $$);
select pg_temp.try('reference_of_state', false, 'nor one that leaves no number to follow',
    $$ import('{"reference": "GBR-1000000"}') $$);
select pg_temp.try('reference_once', true, 'a file has a reference once',
    $$ import('{"reference": "GBR-8"}', '{"reference": "GBR-9"}') $$);
select pg_temp.try('reference_once', false, 'and not twice',
    $$ import('{"reference": "GBR-8"}', '{"reference": "GBR-8", "date": "2020-01-02"}') $$);
select pg_temp.try('reference_unchanged', true, 'what the register holds may come again',
    $$ import('{"reference": "GBR-1", "kind": "signature", "date": "1992-02-05",
        "summary_en": "Signed.", "summary_fr": "Signé.", "sources":
        ["https://api.parliament.uk/historic-hansard/written_answers/1999/nov/09/council-of-europe-treaties-ratification"]}') $$);
select pg_temp.try('reference_unchanged', false, 'but not otherwise',
    $$ import('{"reference": "GBR-1", "kind": "signature", "date": "1992-02-06"}') $$);

select pg_temp.try('operation_of_record', true, 'a record is voided by its reference',
    $$ changeset(pg_temp.changes('void', 'GBR-1')) $$);
select pg_temp.try('operation_of_record', false, 'and only a record that there is',
    $$ changeset(pg_temp.changes('void', 'GBR-99')) $$);
select pg_temp.try('operation_of_standing_record', true, 'a record is voided once',
    $$ changeset(pg_temp.changes('void', 'GBR-1'), pg_temp.says('{}')) $$);
select pg_temp.try('operation_of_standing_record', false, 'and not again', $$ voids_twice() $$);
select pg_temp.try('record_changed_once', true, 'two operations are of two records',
    $$ changeset(pg_temp.changes('void', 'GBR-1'), pg_temp.says('{"date": "2020-01-02"}')) $$);
select pg_temp.try('record_changed_once', false, 'and not of one',
    $$ changeset(pg_temp.changes('void', 'GBR-1'), pg_temp.changes('void', 'gbr-1')) $$);
select pg_temp.try('name_given_once', true, 'operations have names of their own',
    $$ changeset(pg_temp.says('{}', '#a'), pg_temp.says('{"date": "2020-01-02"}', '#b')) $$);
select pg_temp.try('name_given_once', false, 'and do not share any',
    $$ changeset(pg_temp.says('{}', '#a'), pg_temp.says('{"date": "2020-01-02"}', '#a')) $$);
select pg_temp.try('name_of_operation', true, 'an act refers to another of its changeset by name',
    $$ changeset(pg_temp.says('{"refers_to": "#a"}'), pg_temp.says('{"date": "2020-01-02"}', '#a')) $$);
select pg_temp.try('name_of_operation', false, 'and to no name that is not given',
    $$ changeset(pg_temp.says('{"refers_to": "#b"}'), pg_temp.says('{"date": "2020-01-02"}', '#a')) $$);
select pg_temp.try('changeset_changes_something', true, 'a correction changes its record',
    $$ changeset(pg_temp.changes('correct', 'GBR-1', '{"kind": "signature", "date": "1992-02-06",
        "verification": "single_source", "sources": ["https://source.example"]}')) $$);
select pg_temp.try('changeset_changes_something', false, 'or is not recorded',
    $$ changeset(pg_temp.changes('correct', 'GBR-1', (
           select to_jsonb(v) || jsonb_build_object('territories', jsonb_build_object(
                      'covered', v.territories_covered, 'left_out', v.territories_left_out))
             from register.action_version as v where v.reference = 'GBR-1'))) $$);

select pg_temp.try('internal_apart', true, 'what is internal has a changeset of its own',
    $$ changeset(pg_temp.notes('internal'), pg_temp.notes('internal')) $$);
select pg_temp.try('internal_apart', false, 'and none with what is public',
    $$ changeset(pg_temp.notes('internal'), pg_temp.notes('public')) $$);

create function pg_temp.sourced(document jsonb) returns jsonb
    language sql
    return '{"verification": "single_source", "sources": ["https://source.example"],
             "reason": "Tried."}' || document;

create function pg_temp.fact(type text, document jsonb, reference text default null) returns text
    language sql
    return (case when reference is null
                 then register.operation_apply('record', type, null, pg_temp.sourced(document), 'tests')
                 else register.operation_apply('correct', type, reference, pg_temp.sourced(document), 'tests')
            end).reference;

create function pg_temp.belarus(more jsonb default '{}') returns text
    language sql
    return pg_temp.fact('state', '{"code": "BLR", "alpha2": "BY", "numeric": "112", "names":
        [{"name_en": "Belarus", "name_fr": "Bélarus", "subject_fr": "Le Bélarus"}]}' || more);

create function pg_temp.belarus_joins(existed jsonb, membership jsonb) returns text
    language plpgsql
as $$
begin
    perform pg_temp.belarus(existed);
    return pg_temp.fact('membership', '{"state": "BLR"}' || membership);
end
$$;

create function pg_temp.belarus_communicates(existed jsonb) returns text
    language plpgsql
as $$
begin
    perform pg_temp.belarus(existed);
    return pg_temp.act('BLR', 'communication', '2020-01-01');
end
$$;

create function pg_temp.voids_belarus(with_act boolean) returns text
    language plpgsql
as $$
begin
    perform pg_temp.belarus();
    if with_act then
        perform pg_temp.act('BLR', 'communication', '2020-01-01');
    end if;
    return (register.operation_apply('void', 'state', 'BLR', '{"reason": "Tried."}', 'tests')).reference;
end
$$;

create function pg_temp.italies() returns text
    language plpgsql
as $$
begin
    perform register.operation_apply('correct', 'state', 'ITA', jsonb_build_object(
                'alpha2', v.alpha2, 'numeric', v.numeric_code, 'names', to_jsonb(v.names),
                'existed_from', '1861-03-17', 'reason', 'Tried.', 'verification', v.verification,
                'sources', v.sources), 'tests')
       from register.state_version as v
      where v.reference = 'ITA' and upper_inf(v.recorded);
    return pg_temp.belarus('{"alpha2": "IT", "existed_until": "1861-03-17"}');
end
$$;

select pg_temp.try('state_code_free', true, 'a State has a code of its own', $$ belarus() $$);
select pg_temp.try('state_code_free', false, 'and no other''s', $$ belarus('{"code": "ITA"}') $$);
select pg_temp.try('state_codes_own', true, 'States of different times had the same alpha-2 code',
    $$ italies() $$);
select pg_temp.try('state_codes_own', false, 'but not those of one day',
    $$ belarus('{"alpha2": "IT"}') $$);
select pg_temp.try('state_names_in_order', true, 'a State takes another name',
    $$ belarus('{"names": [{"name_en": "x", "name_fr": "x", "subject_fr": "x"},
        {"used_from": "1991-09-19", "name_en": "y", "name_fr": "y", "subject_fr": "y"}]}') $$);
select pg_temp.try('state_names_in_order', false, 'and does not bear two at once',
    $$ belarus('{"names": [{"name_en": "x", "name_fr": "x", "subject_fr": "x"},
        {"name_en": "y", "name_fr": "y", "subject_fr": "y"}]}') $$);
select pg_temp.try('state_existed_in_order', true, 'a State begins and ends',
    $$ belarus('{"existed_from": "1991-08-25", "existed_until": "1991-08-26"}') $$);
select pg_temp.try('state_existed_in_order', false, 'in this order',
    $$ belarus('{"existed_from": "1991-08-25", "existed_until": "1991-08-25"}') $$);
select pg_temp.try('state_with_facts_stands', true, 'a State that did nothing is voided',
    $$ voids_belarus(false) $$);
select pg_temp.try('state_with_facts_stands', false, 'a State with an act is not',
    $$ voids_belarus(true) $$);
select pg_temp.try('membership_in_order', true, 'a State is a member for a day',
    $$ belarus_joins('{}', '{"member_from": "2020-01-01", "member_until": "2020-01-02"}') $$);
select pg_temp.try('membership_in_order', false, 'and not for none',
    $$ belarus_joins('{}', '{"member_from": "2020-01-01", "member_until": "2020-01-01"}') $$);
select pg_temp.try('memberships_apart', true, 'a wrong day is corrected to one within the same period',
    $$ fact('membership', '{"member_from": "1949-08-09"}', 'TUR-M1') $$);
select pg_temp.try('memberships_apart', true, 'a State becomes a member again',
    $$ fact('membership', '{"state": "RUS", "member_from": "2023-01-01"}') $$);
select pg_temp.try('memberships_apart', false, 'and is not one twice',
    $$ fact('membership', '{"state": "TUR", "member_from": "2020-01-01"}') $$);
select pg_temp.try('membership_of_existing_state', true, 'a State is a member from its first day',
    $$ belarus_joins('{"existed_from": "1991-08-25"}', '{"member_from": "1991-08-25"}') $$);
select pg_temp.try('membership_of_existing_state', false, 'and not before',
    $$ belarus_joins('{"existed_from": "1991-08-25"}', '{"member_from": "1991-08-24"}') $$);
select pg_temp.try('membership_of_existing_state', false, 'nor after its last',
    $$ belarus_joins('{"existed_until": "2020-01-01"}', '{"member_from": "2000-01-01"}') $$);
select pg_temp.try('act_of_existing_state', true, 'a State acts on its last day',
    $$ belarus_communicates('{"existed_until": "2020-01-02"}') $$);
select pg_temp.try('act_of_existing_state', false, 'and not later',
    $$ belarus_communicates('{"existed_until": "2020-01-01"}') $$);
select pg_temp.try('act_of_existing_state', false, 'nor before it exists',
    $$ belarus_communicates('{"existed_from": "2020-01-02"}') $$);

create function pg_temp.succeeds(kind text, day text, refers_to text) returns text
    language plpgsql
as $$
begin
    perform pg_temp.belarus();
    return pg_temp.act('BLR', kind, day, jsonb_build_object('refers_to', refers_to));
end
$$;

select pg_temp.try('succession_to_act', true, 'a State succeeds to another''s consent',
    $$ succeeds('succession', '2006-06-03', 'ITA-2') $$);
select pg_temp.try('succession_to_act', true, 'or to its signature',
    $$ succeeds('signature_succession', '2006-06-03', 'ITA-1') $$);
create function pg_temp.succeeds_undated() returns text
    language plpgsql
as $$
begin
    perform register.operation_apply('record', 'action', null, '{"state": "PRT", "kind": "signature",
        "not_after": "1999-01-01", "verification": "unconfirmed"}', 'tests');
    return pg_temp.succeeds('signature_succession', '1999-01-01', 'PRT-1');
end
$$;
select pg_temp.try('succession_to_act', true, 'also to an act of which only the last day is known',
    $$ succeeds_undated() $$);
select pg_temp.try('succession_to_act', false, 'not to a signature as if it were a consent',
    $$ succeeds('succession', '2006-06-03', 'ITA-1') $$);
select pg_temp.try('succession_to_act', false, 'nor to what was not done yet',
    $$ succeeds('succession', '1993-01-01', 'ITA-2') $$);
select pg_temp.try('succession_to_act', false, 'nor to nothing',
    $$ act('GBR', 'succession', '2020-01-01') $$);

-- None is left out.
select is_empty(
    $$select rule.name, legal.legal
        from register.rule cross join (values (true), (false)) as legal (legal)
      except
      select tried.rule, tried.legal from tried$$,
    'every rule has a legal and an illegal case');
select is_empty(
    $$select name from register.rule
       where '' in (title_en, title_fr, detail_en, detail_fr, explanation_en, explanation_fr)
          or title_en = title_fr or detail_en = detail_fr or explanation_en = explanation_fr$$,
    'every rule is explained in English and in French');

select * from finish();
rollback;
