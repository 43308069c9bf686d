begin;

revoke select on all tables in schema register from ets144_service, ets144_admin;
revoke execute on all functions in schema register from ets144_service, ets144_admin;
revoke execute on all functions in schema service from ets144_service, ets144_admin;
revoke select on sqitch.changes from ets144_owner;
revoke usage on schema sqitch from ets144_owner;

commit;
