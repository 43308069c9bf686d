begin;

select code from register.state where false;
select code, recorded, revision, alpha2, numeric_code, name_en, name_fr, subject_en, subject_fr
  from register.state_version where false;
select state, recorded, revision, member_from, member_until, verification, note_en, note_fr
  from register.membership where false;
select reference, state, number from register.action where false;
select reference, version, recorded, revision, author, reason, voided, kind, date, verification
  from register.action_version where false;
select version from register.action_version_at(null, null);
-- Every table of the record refuses to change or lose what it holds.
select 1 / (count(*) = 10)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.state'::regclass, 'register.state_version'::regclass,
                   'register.membership'::regclass, 'register.action'::regclass,
                   'register.action_version'::regclass);

rollback;
