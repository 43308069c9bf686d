-- Version 1 of the schema: the first that a release of the service is built for. A release that
-- changes the schema ends its plan with the next number, and its build names that change (see
-- schema.sql).
begin;
set local role ets144_owner;

call service.schema_retire('v1');

commit;
