-- Every table, function, trigger, rule and privilege of the register, with a digest of how it is
-- defined, and the rows of the tables that are part of the law. It calls no function of the register,
-- and is run with the search path pg_catalog.
with place as (
    select n.oid, n.nspname, n.nspacl, n.nspowner
      from pg_namespace as n
     where n.nspname in ('register', 'service')
),
relation as (
    select c.* from pg_class as c join place on place.oid = c.relnamespace where c.relkind <> 'i'
),
function as (
    select p.* from pg_proc as p join place on place.oid = p.pronamespace
),
access as (
    select 'schema ' || place.nspname as object, place.nspowner as owner, place.nspacl as list
      from place
     union all
    select 'table ' || relation.oid::regclass, relation.relowner, relation.relacl from relation
     union all
    select format('column %s.%s', relation.oid::regclass, a.attname), relation.relowner, a.attacl
      from relation join pg_attribute as a on a.attrelid = relation.oid
     union all
    select 'function ' || function.oid::regprocedure, function.proowner,
           coalesce(function.proacl, acldefault('f', function.proowner))
      from function
),
object as (
    select 'table' as kind, relation.oid::regclass::text as object,
           concat_ws(E'\n', relation.relkind, pg_get_userbyid(relation.relowner),
                     relation.relrowsecurity,
                     (select string_agg(concat_ws(' ', a.attname,
                                                  format_type(a.atttypid, a.atttypmod), a.attnotnull,
                                                  a.attgenerated, pg_get_expr(d.adbin, d.adrelid)),
                                        E'\n' order by a.attnum)
                        from pg_attribute as a
                        left join pg_attrdef as d
                          on d.adrelid = a.attrelid and d.adnum = a.attnum
                       where a.attrelid = relation.oid and a.attnum > 0 and not a.attisdropped),
                     (select string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), E'\n'
                                        order by k.conname)
                        from pg_constraint as k
                       where k.conrelid = relation.oid and k.contype <> 'n'
                         and k.convalidated)) as definition
      from relation
     union all
    select 'function', function.oid::regprocedure::text,
           concat_ws(E'\n', pg_get_userbyid(function.proowner), function.prosecdef,
                     function.provolatile, function.proconfig,
                     (select l.lanname from pg_language as l where l.oid = function.prolang),
                     pg_get_function_arguments(function.oid), pg_get_function_result(function.oid),
                     function.proisstrict,
                     -- A restored dump has names for columns that had their type for a name.
                     coalesce(regexp_replace(pg_get_function_sqlbody(function.oid),
                                             '::([a-z_]+) AS \1\M', '::\1', 'g'),
                              function.prosrc))
      from function
     union all
    select 'trigger', format('%s on %s', t.tgname, t.tgrelid::regclass),
           concat_ws(E'\n', t.tgenabled, pg_get_triggerdef(t.oid))
      from pg_trigger as t join relation on relation.oid = t.tgrelid
     where not t.tgisinternal
     union all
    select 'rule', format('%s on %s', r.rulename, r.ev_class::regclass), pg_get_ruledef(r.oid)
      from pg_rewrite as r join relation on relation.oid = r.ev_class
     union all
    select 'grant', format('%s on %s to %s', item.privilege_type, access.object,
                           case item.grantee when 0 then 'public'
                                else pg_get_userbyid(item.grantee) end),
           item.is_grantable::text
      from access cross join lateral aclexplode(access.list) as item
     where item.grantee <> access.owner
     union all
    select 'content', relation.oid::regclass::text,
           query_to_xml(format('select r::text from %s as r order by r::text collate "C"',
                               relation.oid::regclass), false, true, '')::text
      from relation
     where relation.relkind = 'r' and relation.oid::regclass::text in (
               'register.anomaly', 'register.kind', 'register.phrase', 'register.refusal',
               'register.rule', 'register.verification', 'register.vocabulary_term')
     union all
    select 'inheritance', format('%s from %s', i.inhrelid::regclass, i.inhparent::regclass), ''
      from pg_inherits as i join relation on relation.oid = i.inhparent
     union all
    select 'policy', format('%s on %s', p.polname, p.polrelid::regclass), ''
      from pg_policy as p join relation on relation.oid = p.polrelid
     union all
    select 'event trigger', e.evtname::text, '' from pg_event_trigger as e
     union all
    -- The database's owner has all of its privileges, and may become the owner of the tables.
    select 'grant', format('%s on the database to %s', item.privilege_type,
                           case item.grantee when 0 then 'public'
                                else pg_get_userbyid(item.grantee) end),
           item.is_grantable::text
      from pg_database as d cross join lateral aclexplode(d.datacl) as item
     where d.datname = current_database() and item.grantee <> d.datdba
       -- A copy of a database does not have these, which let nobody else in.
       and (pg_get_userbyid(item.grantee), item.privilege_type) not in (
               ('ets144_owner', 'TEMPORARY'), ('ets144_service', 'CONNECT'),
               ('ets144_admin', 'CONNECT'))
     union all
    select 'member', format('%s of %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid)), ''
      from pg_auth_members as m
      join pg_roles as role on role.oid = m.roleid
      join pg_roles as member on member.oid = m.member and not member.rolsuper
     where role.rolname in ('ets144_owner', 'ets144_service', 'ets144_admin')
       and m.member not in (select d.datdba from pg_database as d
                             where d.datname = current_database())
     union all
    select 'role', role.rolname,
           concat_ws(' ', role.rolsuper, role.rolinherit, role.rolcanlogin, role.rolcreaterole, role.rolcreatedb, role.rolbypassrls,
                     role.rolreplication,
                     (select string_agg(pg_get_userbyid(m.roleid), ' ' order by 1)
                        from pg_auth_members as m where m.member = role.oid))
      from pg_roles as role
     where role.rolname in ('ets144_owner', 'ets144_service', 'ets144_admin')
)
select object.kind, object.object,
       encode(sha256(convert_to(object.definition, 'UTF8')), 'hex') as digest
  from object
 order by object.kind collate "C", object.object collate "C"
