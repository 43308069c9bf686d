-- A chart beside the register, State by State: agreements, differences and the proposed changeset.
with found as materialized (
    select r.line, r.state, r.outcome, r.accepted, r.fields
      from register.reconcile(:'chart'::jsonb, :'as_of'::date, :'known_at'::timestamptz,
                              coalesce(:'internal'::boolean, false), :'lang'::text) as r
),
proposed as materialized (
    select o.state, o.op, o.reference, o.version, o.document,
           row_number() over (order by o.state, o.place, o.reference) - 1 as nth
      from register.chart_operations(:'chart'::jsonb, :'as_of'::date, :'known_at'::timestamptz,
                                     coalesce(:'internal'::boolean, false)) as o
)
select (select json_build_object(
                   'agrees', count(*) filter (where found.outcome = 'agrees'),
                   'not_compared', count(*) filter (where found.outcome = 'not_compared'),
                   'compatible', count(*) filter (where found.outcome = 'compatible'),
                   'differs', count(*) filter (where found.outcome = 'differs'),
                   'only_chart', count(*) filter (where found.outcome = 'only_chart'),
                   'only_register', count(*) filter (where found.outcome = 'only_register'),
                   'accepted', count(*) filter (where found.accepted))
          from found) as summary,
       (select coalesce(json_agg(json_build_object(
                   'line', found.line, 'state', found.state,
                   'name', register.in_language(:'lang'::text, version.name_en, version.name_fr),
                   'outcome', found.outcome, 'accepted', found.accepted, 'fields', found.fields,
                   'operations', array(select proposed.nth
                                         from proposed
                                        where proposed.state = found.state
                                        order by proposed.nth))
                   order by found.state), '[]')
          from found
          join register.named_state as version
            on version.code = found.state and version.recorded @> :'known_at'::timestamptz
           and version.valid @> :'as_of'::date)
           as items,
       (select json_build_object(
                   'reason', register.in_language(
                       :'lang'::text,
                       'By the Treaty Office''s chart of signatures and ratifications.',
                       'Selon l’état des signatures et ratifications du Bureau des Traités.'),
                   'operations', json_agg(json_strip_nulls(json_build_object(
                       'op', proposed.op, 'type', 'action', 'reference', proposed.reference,
                       'version', proposed.version, 'document', proposed.document))
                       order by proposed.nth))
          from proposed
        having count(*) > 0) as changeset,
       (select coalesce(json_agg(json_build_object(
                   'line', unclear.line, 'code', unclear.code, 'name', unclear.name,
                   'why', case when unclear.state is null then 'unknown' else 'repeated' end)
                   order by unclear.line), '[]')
          from register.chart_rows(:'chart'::jsonb) as unclear
         where unclear.state is null or unclear.nth > 1) as not_understood
