-- Notes on anomalies and differences, and who may see of them what; replies to calls.
begin;
select no_plan();

create function pg_temp.note(subject jsonb, more jsonb default '{}') returns text
    language sql
as $$
    select reference
      from register.operation_apply('record', 'note', null,
               jsonb_build_object('state', 'ITA', 'subject', subject, 'outcome', 'accepted',
                                  'text_en', 'Checked.') || more, 'tests')
$$;

create temporary table revision_before as select number, at from register.revision;
create temporary table noted as
select pg_temp.note('{"difference": "consent", "chart": {"date": "1994-05-27", "not_before": null},
                      "register": {"action": "ITA-2", "date": "1994-05-26",
                                   "verification": "confirmed"}}') as reference;
select is((select number from register.revision), (select number from revision_before),
          'a note is internal unless it says otherwise, and no revision');
select results_eq(
    $$select state, field, register_value, chart_value, outcome
        from register.difference_notes_at('infinity', true)$$,
    $$values ('ITA', 'consent', '{"date": "1994-05-26"}'::jsonb, '{"date": "1994-05-27"}'::jsonb,
              'accepted')$$,
    'a difference is accepted by its State, field and both values');
select is(register.difference_value('{"date": null, "verification": "confirmed"}'), null,
          'a value of nothing but nulls is absent');
select is(register.difference_value('null'), null, 'as a null is');
select is_empty($$select * from register.difference_notes_at('infinity', false)$$,
                'the public sees none of it');
select is_empty($$select note.* from revision_before
                   cross join register.difference_notes_at(revision_before.at, true) as note$$,
                'and before it was known nobody did');
select is_empty($$select * from register.changes_after('-infinity', 0, '{outlook}', '{note}', null, 9)$$,
                'nor is it in the feed, not even for readers of the internal outlook');
select results_eq(
    $$select category, event, state from register.changes_after('-infinity', 0, '{note}', '{note}', null, 9)$$,
    $$values ('note', 'recorded', 'ITA')$$, 'but for readers of internal notes');
select is(register.newest_seen('{outlook}'), (select at from revision_before),
          'for them nothing has happened since');
select is(register.newest_seen('{outlook,note}'), (select at from register.revision),
          'and for the others it has');
select results_eq($$select state, reference from register.record_state where type = 'note'$$,
                  $$select 'ITA', reference from noted$$, 'its State is known');

select lives_ok(
    $$select register.operation_apply('correct', 'note', reference, jsonb_build_object(
                 'subject', '{"difference": "consent", "register": {"date": "1994-05-26"}}'::jsonb,
                 'outcome', 'open', 'text_fr', 'À revoir.', 'visibility', 'public',
                 'reason', 'shown'), 'tests') from noted$$, 'a note is made public');
select results_eq(
    $$select version, outcome, text_fr, chart_value from register.notes_known('infinity', false)$$,
    $$values (1, 'open', 'À revoir.', null::jsonb)$$, 'where it begins with that version');
select is((select version from register.notes_known('infinity', true)), 2,
          'which for the secretariat is the second');
select is((select number from register.revision), (select number + 1 from revision_before),
          'and a revision');
select results_eq(
    $$select audience, version, before is null, reason from register.change
       where category = 'note' order by at, number$$,
    $$values ('internal', 1, true, null), ('public', 1, true, null), ('internal', 2, false, 'shown')$$,
    'the public sees a new note, and not why');
select lives_ok($$select register.operation_apply('void', 'note', reference,
        '{"reason": "mistaken"}', 'tests') from noted$$,
                'it is voided');
select is_empty($$select * from register.difference_notes_at('infinity', true)$$,
                'and speaks of nothing any more');

select lives_ok($$select pg_temp.note('{"anomaly": "text_missing", "action": "ITA-1"}',
                                      '{"owner": "Treaty Office", "outcome": "open"}')$$,
                'a note on an anomaly');
select results_eq(
    $$select state, anomaly, action, outcome, owner, visibility
        from register.anomaly_notes_at('infinity', true)$$,
    $$values ('ITA', 'text_missing', 'ITA-1', 'open', 'Treaty Office', 'internal')$$,
    'is found by the anomaly''s code, State and action');

-- Changesets of internal records of two types are seen by who sees either, or both.
create temporary table hidden as
select (register.changeset_record('{"reason": "Kept apart.", "operations": [
    {"op": "record", "type": "outlook", "document": {"state": "FRA", "stage": "no_plan",
        "date": "2020-01-01", "visibility": "internal"}},
    {"op": "record", "type": "note", "document": {"state": "FRA", "outcome": "open",
        "subject": {"anomaly": "day_unconfirmed"}, "text_en": "Ask again."}}]}', 'tests')).reference;
select is((select number from register.revision), (select number + 2 from revision_before),
          'a changeset of internal notes and outlook entries is no revision');
select results_eq(
    $$select seen.types, (select count(*) from register.changesets_seen(seen.types) as one
                         join hidden using (reference))
        from (values ('{}'::text[]), ('{outlook}'), ('{note}'), ('{note,outlook}')) as seen (types)$$,
    $$values ('{}'::text[], 0::bigint), ('{outlook}', 0), ('{note}', 0), ('{note,outlook}', 1)$$,
    'and is seen by who sees both');

-- Replies --------------------------------------------------------------------------------------

create temporary table replied as
select (register.changeset_record('{"reason": "Two replies.", "operations": [
    {"op": "record", "type": "reply", "document": {"call": "cg-rec-304", "state": "FRA",
        "date": "2012-01-01", "text_en": "Under study.", "verification": "single_source",
        "sources": ["https://source.example"]}},
    {"op": "record", "type": "reply", "document": {"call": "CG-REC-304",
        "body": "committee_of_ministers", "date": "2012-06-01", "text_fr": "Noté.",
        "verification": "single_source", "sources": ["https://source.example"]}}]}', 'tests')).reference;
select results_eq(
    $$select call, state, body, date from register.replies_known('infinity', 'infinity') order by date$$,
    $$values ('CG-REC-304', 'FRA', null, date '2012-01-01'),
             ('CG-REC-304', null, 'committee_of_ministers', date '2012-06-01')$$,
    'a State and a body reply to a call');
select is((select count(*) from register.replies_known('2012-01-01', 'infinity')), 1::bigint,
          'not before their day');
select results_eq(
    $$select op, type, state, internal from register.changeset_operation as done
        join replied on replied.reference = done.changeset order by place$$,
    $$values ('record', 'reply', 'FRA', false), ('record', 'reply', null, false)$$,
    'in a changeset');
select results_eq(
    $$select audience, category, event, state, after ->> 'call' from register.change
       where category = 'reply' order by state nulls last$$,
    $$values ('everyone', 'reply', 'recorded', 'FRA', 'CG-REC-304'),
             ('everyone', 'reply', 'recorded', null, 'CG-REC-304')$$, 'and in the feed');
select results_eq(
    $$select words.title from register.change as c
       cross join register.change_in_words(c, 'fr') as words
       where c.category = 'reply' order by c.state nulls last$$,
    $$values ('France : Réponse (enregistrement)'),
             ('Comité des Ministres : Réponse (enregistrement)')$$, 'by the name of who replied');
select throws_ok($$select register.operation_apply('void', 'call', 'CG-REC-304',
        '{"reason": "never made"}', 'tests')$$, 'T4086', null,
                 'a call that has replies is not voided');
select lives_ok(
    $$select register.operation_apply('correct', 'reply', reference, '{"call": "CG-REC-304", "date": "2012-02-01",
          "text_en": "Studied.", "verification": "single_source",
          "sources": ["https://source.example"], "reason": "found"}', 'tests')
        from register.reply where state = 'FRA'$$, 'a reply is corrected');
select throws_ok($$select register.operation_apply('correct', 'call', 'CG-REC-304', (
    select to_jsonb(c) || '{"date": "2012-03-01", "reason": "x"}'
      from register.calls_known('infinity', 'infinity') as c where c.reference = 'CG-REC-304'), 'tests')$$,
    'T4084', null, 'and a call is not moved behind it');
select lives_ok($$select register.operation_apply('void', 'reply', reference,
        '{"reason": "mistaken"}', 'tests')
                    from register.reply$$, 'replies are voided');
select lives_ok($$select register.operation_apply('void', 'call', 'CG-REC-304',
        '{"reason": "never made"}', 'tests')$$,
                'and then their call');
set constraints all immediate;
select is_empty($$select * from register.audit() where finding <> 'rule_broken'$$, 'the history is whole');
select is_empty(
    $$select * from register.audit_entries(0, (select max(revision) from register.revision_log))$$,
    'and published as recorded');

select * from finish();
rollback;
