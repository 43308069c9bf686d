begin;

drop function register.raise_breach;
drop function register.assert_lawful;
drop function register.raise_breaches;
drop function register.breaches_in_words;
drop function register.touched_by;
drop type register.touched;

commit;
