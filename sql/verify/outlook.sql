begin;

select reference, stage from register.outlook_known('2000-01-01', now(), false) where false;
select rule from register.outlook_breaches() where false;
select 1 / (count(*) = 4)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.outlook_entry'::regclass, 'register.outlook_version'::regclass);

rollback;
