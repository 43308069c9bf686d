begin;

select reference, call from register.replies_known('2000-01-01', now()) where false;
select rule from register.reply_breaches() where false;
select 1 / (count(*) = 4)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid in ('register.reply'::regclass, 'register.reply_version'::regclass);

rollback;
