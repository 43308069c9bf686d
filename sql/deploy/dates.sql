-- The n-month rule: the Convention's dates of effect (Articles 1(2), 12, 13(2), 16 and 18).
begin;
set local role ets144_owner;

create function register.first_of_month_after(months integer, counted_from date) returns date
    language sql immutable strict parallel safe
    return (date_trunc('month', counted_from + make_interval(months => months))
            + interval '1 month')::date;
comment on function register.first_of_month_after is
    'The n-month rule (Articles 1(2), 12, 13(2), 16 and 18): n months later, clamped to the '
    'month''s end, then the first day of the following month, even when the period ends on a '
    'first.';

commit;
