begin;

drop view register.vocabulary;
drop table register.anomaly;
drop table register.verification;
drop table register.kind;
drop table register.vocabulary_term;
drop function register.json_list;
drop function register.in_language;

commit;
