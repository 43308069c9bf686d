begin;

select rule from register.state_breaches() where false;
select register.state_content(null), register.membership_content(null);

rollback;
