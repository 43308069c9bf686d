begin;

drop function register.chart_operations;
drop function register.reconcile;
drop function register.chart_pairs;
drop function register.document_of_version;
drop function register.act_by_chart;
drop function register.chart_act;
drop function register.chart_address;
drop function register.chart_days;
drop function register.days_agree;
drop function register.chart_rows;
drop function register.state_keys;
drop function register.name_key;
drop table register.state_name;

commit;
