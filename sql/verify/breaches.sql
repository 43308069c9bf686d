begin;

select rule from register.action_breaches() where false;

rollback;
