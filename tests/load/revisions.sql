-- Revisions up to so many, each with an act: psql -v revisions=1000 -f revisions.sql
-- A communication moves no status. Each is entered and logged as sql/load.sql does it, in a transaction of its
-- own, and all are judged in the end.
select set_config('bench.revisions', :'revisions', false) \g /dev/null
set role ets144_owner;
do $$
declare
    act constant jsonb := register.action_content(
        '{"kind": "communication", "date": "2026-01-01", "verification": "unconfirmed"}');
    last constant integer := (select max(number) from register.action where state = 'ITA');
    present constant integer := (select number from register.revision);
begin
    for n in 1 .. current_setting('bench.revisions')::integer - present loop
        perform register.actions_enter(
                    jsonb_build_array(jsonb_build_object(
                        'reference', 'ITA-' || last + n, 'state', 'ITA', 'number', last + n,
                        'content', act || jsonb_build_object('summary_en', 'Number ' || n))),
                    'bench', null);
        perform register.log_changes();
        commit;
    end loop;
end
$$;
select register.assert_lawful() \g /dev/null
reset role;
vacuum analyze;
