-- Which builds of the service are served, while the schema grows and when something of it goes.
begin;
select plan(11);

select ok(service.schema_supports('v1'), 'a build for the schema as it is is served');
select ok(not service.schema_supports('status'), 'one for the midst of a deployment is not');
select ok(not service.schema_supports('nothing'), 'nor one for a schema that is not there');

insert into sqitch.changes (change_id, change, project, note, committer_name, committer_email,
                            planned_at, planner_name, planner_email)
values ('c1', 'expand', 'ets144', '', 'x', 'x', now(), 'x', 'x');
select is(service.schema_version(), 'expand', 'a further change is deployed');
select ok(service.schema_supports('v1') and service.schema_supports('expand'),
          'and the builds before it are served, too');

-- A build says what it is for in its own session, which no other transaction may then retire.
select ok(service.schema_use('expand'), 'a build for it says so');
select service.schema_use('v1');
select throws_ok($$call service.schema_retire('expand')$$, '55006', null,
                 'what a connected build needs is not retired');
select service.schema_use('expand');
select lives_ok($$call service.schema_retire('expand')$$, 'what went before is retired');
select ok(not service.schema_supports('v1'), 'and not served any more');
select ok(service.schema_supports('expand'), 'what came after is');
select ok(not service.schema_use('v1'), 'an older build hears so');

select * from finish();
rollback;
