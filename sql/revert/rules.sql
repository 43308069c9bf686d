begin;

drop table register.rule;
drop table register.verification;
drop table register.kind;

commit;
