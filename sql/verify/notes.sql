begin;

select reference, anomaly from register.notes_known(now(), false) where false;
select reference, field from register.difference_notes_at(now(), false) where false;
select rule from register.note_breaches() where false;
select 1 / (count(*) = 4)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.note'::regclass, 'register.note_version'::regclass);

rollback;
