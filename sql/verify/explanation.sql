begin;

select 1 / (register.day_in_words('2005-11-01', 'fr') = '1er novembre 2005')::integer;
select register.status_in_words('ITA', '2000-01-01', now(), 'en');
select reference from register.effective_date_steps('ITA', '2000-01-01', now(), 'en') where false;

rollback;
