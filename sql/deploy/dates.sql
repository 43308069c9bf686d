-- The n-month rule: the Convention's dates of effect (Articles 1(2), 12, 13(2), 16 and 18).
begin;
set local role ets144_owner;

-- Adds n months to the day, clamped to the month's end, and takes the first day of the following
-- month, even when the period ends on a first: 2014-07-01 and 3 months give 2014-11-01.
create function register.first_of_month_after(months integer, counted_from date) returns date
    language sql immutable strict parallel safe
    return (date_trunc('month', counted_from + make_interval(months => months))
            + interval '1 month')::date;

commit;
