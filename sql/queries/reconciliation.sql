-- A chart beside the register, State by State: agreements, differences and proposed requests.
with found as materialized (
    select r.line, r.state, r.outcome, r.fields, r.to_record
      from register.reconcile(:'chart'::jsonb, :'as_of'::date, :'known_at'::timestamptz,
                              :'lang'::text) as r
)
select (select json_build_object(
                   'agrees', count(*) filter (where found.outcome = 'agrees'),
                   'compatible', count(*) filter (where found.outcome = 'compatible'),
                   'differs', count(*) filter (where found.outcome = 'differs'),
                   'only_chart', count(*) filter (where found.outcome = 'only_chart'),
                   'only_register', count(*) filter (where found.outcome = 'only_register'))
          from found) as summary,
       (select coalesce(json_agg(json_build_object(
                   'line', found.line, 'state', found.state,
                   'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                   'outcome', found.outcome, 'fields', found.fields,
                   'to_record', found.to_record)
                   order by found.state), '[]')
          from found
          join register.named_state as version
            on version.code = found.state and version.recorded @> :'known_at'::timestamptz
           and version.valid @> :'as_of'::date)
           as items,
       (select coalesce(json_agg(json_build_object(
                   'line', unclear.line, 'code', unclear.code, 'name', unclear.name,
                   'why', case when unclear.state is null then 'unknown' else 'repeated' end)
                   order by unclear.line), '[]')
          from register.chart_rows(:'chart'::jsonb) as unclear
         where unclear.state is null or unclear.nth > 1) as not_understood
