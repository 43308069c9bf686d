begin;

drop function register.import_record;
drop function register.import_breaches_in_words;
drop function register.import_row_breaches;
drop function register.import_rows;
drop table register.import_row;
drop table register.import;

commit;
