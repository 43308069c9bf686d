begin;

select code from register.state where false;
select reference, version, recorded, revision, author, reason, voided, alpha2, names, verification
  from register.state_version where false;
select code, valid, recorded, name_en from register.named_state where false;
select reference, state, number from register.membership where false;
select reference, version, recorded, revision, author, reason, voided, member_from, verification
  from register.membership_version where false;
select state, period from register.memberships_at(null) where false;
select reference, state, number from register.action where false;
select reference, version, recorded, revision, author, reason, voided, kind, date, verification
  from register.action_version where false;
select version from register.action_version_at(null, null);
-- Every table of the record refuses to change or lose what it holds.
select 1 / (count(*) = 12)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.state'::regclass, 'register.state_version'::regclass,
                   'register.membership'::regclass, 'register.membership_version'::regclass,
                   'register.action'::regclass, 'register.action_version'::regclass);

rollback;
