begin;

select 1 / (register.first_of_month_after(3, '2014-07-01') = '2014-11-01')::integer;

rollback;
