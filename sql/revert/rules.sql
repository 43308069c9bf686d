begin;

drop table register.refusal;
drop table register.rule;

commit;
