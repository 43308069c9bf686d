-- Single writes of States and memberships: each is a changeset of one operation, so that it is in the
-- journal. Its breaches are reported as those of a single record.
begin;
set local role ets144_owner;

create function register.change_one(operation jsonb, reason text, author text)
    returns register.write_result
    language plpgsql volatile
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    before constant bigint := register.write_lock();
    asked constant register.operation[] := array(
        select read::register.operation
          from register.operations_read(jsonb_build_array(operation)) as read);
    one constant register.operation := asked[1];
    held constant integer := coalesce((one.present ->> 'version')::integer, 0);
    told text;
begin
    if one.op <> 'record' then
        perform register.lock_for_change(register.versions_of(one.type), one.reference);
        if one.content = register.content_of(one.present) and btrim(reason) <> '' then
            return register.current_write_result(one.reference, held);
        end if;
    end if;
    perform register.changeset_apply(asked, author, reason, null);
    return register.current_write_result(one.reference, held + 1);
exception
    when sqlstate 'T6002' then
        get stacked diagnostics told = pg_exception_detail;
        perform register.raise_breaches(
                    (select json_agg(fault || jsonb_build_object(
                                         'sqlstate', rule.sqlstate, 'article', rule.article,
                                         'field', regexp_replace(fault ->> 'field', '^document/',
                                                                 ''))
                                     order by rule.sqlstate)
                       from jsonb_array_elements(told::jsonb -> 'faults') as fault
                       join register.rule on rule.name = fault ->> 'rule'));
end
$$;
comment on function register.change_one is
    'Records a changeset of one operation, and returns the record; content that is the same makes no '
    'changeset.';

create function register.fact_record(type text, document jsonb, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.change_one(
               jsonb_build_object('op', 'record', 'type', fact_record.type, 'document', document),
               document ->> 'reason', author)
$$;
comment on function register.fact_record is
    'Records a State or a membership.';

create function register.fact_correct(type text, reference text, document jsonb, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.change_one(
               jsonb_build_object('op', 'correct', 'type', fact_correct.type, 'reference',
                                  fact_correct.reference, 'document', document,
                                  'version', register.latest_version(
                                      register.versions_of(fact_correct.type),
                                      fact_correct.reference) -> 'version'),
               document ->> 'reason', author)
$$;
comment on function register.fact_correct is
    'Corrects a State or a membership.';

create function register.fact_void(type text, reference text, reason text, author text)
    returns register.write_result
    language sql volatile security definer
    set search_path = pg_catalog, pg_temp
as $$
    select register.change_one(
               jsonb_build_object('op', 'void', 'type', fact_void.type, 'reference',
                                  fact_void.reference,
                                  'version', register.latest_version(
                                      register.versions_of(fact_void.type),
                                      fact_void.reference) -> 'version'),
               reason, author)
$$;
comment on function register.fact_void is
    'Voids a State or a membership.';

commit;
