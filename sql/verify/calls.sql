begin;

select reference, asks_for from register.calls_known('2000-01-01', now()) where false;
select rule from register.call_breaches() where false;
select 1 / (count(*) = 4)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.call'::regclass, 'register.call_version'::regclass);

rollback;
