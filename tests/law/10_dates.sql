-- The n-month rule, on real cases.
begin;
select no_plan();

create temporary table vector (months integer, counted_from date, effective date, name text);
\copy vector from 'tests/law/date_vectors.csv' with (format csv, header true)
select is(register.first_of_month_after(months, counted_from), effective, name) from vector;

select is(register.first_of_month_after(months, counted_from), effective, name)
  from (values
    (3, date '2005-11-30', date '2006-03-01', 'clamped to the end of February'),
    (3, '2007-11-30', '2008-03-01', 'clamped to the end of February in a leap year'),
    (3, '1999-11-29', '2000-03-01', 'a leap day is a day of the month before'),
    (6, '2010-08-31', '2011-03-01', 'six months, clamped'),
    (3, '2010-09-30', '2011-01-01', 'over the year''s end'),
    (3, '2010-12-31', '2011-04-01', 'from the last day of a year')
  ) as vector (months, counted_from, effective, name);

-- Independently: the first day of a month, after the end of the period and within a month of it.
select is(count(*), 0::bigint, 'the rule holds for every day of forty years')
  from generate_series(date '1990-01-01', date '2030-12-31', interval '1 day') as day
 cross join (values (3), (6)) as rule (months)
 cross join lateral (
           select register.first_of_month_after(rule.months, day::date) as effective
       ) as computed
 where extract(day from effective) <> 1
    or (extract(year from effective) * 12 + extract(month from effective))
       - (extract(year from day) * 12 + extract(month from day)) <> rule.months + 1;

select * from finish();
rollback;
