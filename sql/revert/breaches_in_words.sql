begin;

drop function register.raise_breach;
drop function register.assert_lawful;
drop function register.raise_breaches;
drop function register.breaches_in_words;

commit;
