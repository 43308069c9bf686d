-- The n-month rule, on real cases.
begin;
select no_plan();

select is(register.first_of_month_after(months, counted_from), effective, name)
  from (values
    (3, date '2005-07-19', date '2005-11-01', 'ETS 144, Albania: deposit'),
    (3, '2000-04-06', '2000-08-01', 'ETS 144, Denmark: deposit'),
    (3, '2001-01-12', '2001-05-01', 'ETS 144, Finland: deposit'),
    (3, '2004-02-11', '2004-06-01', 'ETS 144, Iceland: deposit'),
    (3, '2015-07-17', '2015-11-01', 'ETS 144, Czech Republic: deposit'),
    (3, '1997-01-28', '1997-05-01', 'ETS 144, fourth consent: the Convention enters into force'),
    (3, '2014-07-01', '2014-11-01', 'ETS 191, Malta: deposit on the first of a month'),
    (3, '2004-03-30', '2004-07-01', 'ETS 167, Bulgaria: deposit late in a month'),
    (6, '2021-08-03', '2022-03-01', 'ETS 120, Austria: denunciation'),
    (6, '2017-03-17', '2017-10-01', 'ETS 120, France: denunciation'),
    (3, '2005-11-30', '2006-03-01', 'clamped to the end of February'),
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
