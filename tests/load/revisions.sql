-- A history of so many revisions, each written by the register's own functions and in a transaction of
-- its own, as years of corrections would: psql -v revisions=10000 -f revisions.sql
-- Each corrects the summary of an action, of one State after the other; every tenth also moves the day
-- of a consent, so that periods and the feed change.
select set_config('tests.revisions', :'revisions', false);
do $$
declare
    known register.action_version;
begin
    for n in 1..current_setting('tests.revisions')::integer loop
        select v.* into known
          from register.action_version as v
         where upper_inf(v.recorded) and not v.voided and (n % 10 > 0 or v.reference = 'FIN-2')
         order by v.reference
        offset case when n % 10 > 0
                    then n % (select count(*) from register.action) else 0 end
         limit 1;
        perform register.action_correct(
                    known.reference,
                    pg_catalog.jsonb_strip_nulls(register.content_of(to_jsonb(known)) - 'voided')
                    || jsonb_build_object('summary_en', format('Corrected for the %sth time.', n),
                                          'reason', 'A test.',
                                          'territories', jsonb_build_object(
                                              'covered', known.territories_covered,
                                              'left_out', known.territories_left_out))
                    || case when n % 10 = 0
                            then jsonb_build_object('date', date '2001-01-30' - (n / 10) % 2)
                            else '{}' end,
                    'tests');
        commit;
    end loop;
end
$$;
