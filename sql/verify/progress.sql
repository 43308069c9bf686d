begin;

select state from register.call_progress('CG-REC-304', '2000-01-01', now()) where false;
select state from register.outlook_at('2000-01-01', now(), false) where false;

rollback;
