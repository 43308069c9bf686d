begin;

select 1 / (register.chart_letter('vote_only', '{6(2)}') = 'R')::integer;
select register.chart_unconfirmed('', null, null, null, 'confirmed', 'en');
select state from register.chart_letters_at('2000-01-01', now()) where false;
select state from register.chart_at('2000-01-01', now(), 'en') where false;

rollback;
