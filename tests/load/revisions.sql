-- Revisions up to so many, each with an act: psql -v revisions=1000 -f revisions.sql
-- A communication moves no status. The Parties make them in turn. Each is entered and logged as sql/load.sql does it, in a transaction of its
-- own, and all are judged in the end.
select set_config('bench.revisions', :'revisions', false) \g /dev/null
set role ets144_owner;
do $$
declare
    act constant jsonb := register.action_content(
        '{"kind": "communication", "date": "2026-01-01", "verification": "unconfirmed"}');
    parties constant text[] := (select array_agg(party.state order by party.state)
                                  from register.periods_on(register.today(), 'infinity') as party
                                 where party.status = 'party');
    present constant integer := (select number from register.revision);
    party text;
    next integer;
begin
    for n in 1 .. current_setting('bench.revisions')::integer - present loop
        party := parties[1 + n % cardinality(parties)];
        next := (select max(number) + 1 from register.action where state = party);
        perform register.actions_enter(
                    jsonb_build_array(jsonb_build_object(
                        'reference', party || '-' || next, 'state', party, 'number', next,
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
