begin;

drop function register.chart_at;
drop function register.chart_letters_at;
drop function register.chart_unconfirmed;
drop function register.chart_letter;

commit;
