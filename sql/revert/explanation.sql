begin;

drop function register.effective_date_steps;
drop function register.status_in_words;
drop function register.chapters_in_words;
drop function register.day_as_known;
drop function register.day_in_words;
drop function register.phrase;
drop table register.phrase;

commit;
