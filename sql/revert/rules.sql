begin;

drop table register.rule;

commit;
