-- What the newest write left behind, for a database with the same rows without any law:
--   psql -v what=tables -f written_rows.sql     makes bare tables: the columns and a primary key
--   psql -v what=rows -f written_rows.sql       inserts those rows into them, in a single statement
-- A row that the write changed counts like a row that it added.
create function pg_temp.written(what text) returns setof text
    language plpgsql
as $$
declare
    newest constant text := (select log.xmin::text
                               from register.revision_log as log
                              order by log.revision desc
                              limit 1);
    held record;
    columns text;
    literals text;
    rows text;
    inserts text[];
begin
    for held in
        select c.oid, n.nspname as schema, c.relname as name
          from pg_class as c
          join pg_namespace as n on n.oid = c.relnamespace
         where n.nspname in ('register', 'service') and c.relkind = 'r'
    loop
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum),
               string_agg(format('quote_nullable(v.%I::text)', a.attname), '|| '', '' ||' order by a.attnum)
          into columns, literals
          from pg_attribute as a
         where a.attrelid = held.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
        continue when columns is null;
        execute format('select string_agg(''('' || %s || '')'', '', '') from %I.%I as v where v.xmin::text = %L',
                       literals, held.schema, held.name, newest)
           into rows;
        continue when rows is null;
        if what = 'tables' then
            return next format(
                'create table bare.%2$I (like %1$I.%2$I); '
                'alter table bare.%2$I add bare_place bigint generated always as identity primary key;',
                held.schema, held.name);
        end if;
        inserts := inserts || format('insert into bare.%I (%s) values %s', held.name, columns, rows);
    end loop;
    if what = 'rows' then
        return next format('with %s %s;',
                           (select string_agg(format('w%s as (%s)', i, inserts[i]), ', ')
                              from generate_series(1, cardinality(inserts) - 1) as i),
                           inserts[cardinality(inserts)]);
    end if;
end
$$;
select pg_temp.written(:'what');
