-- The schema describes itself: every function has a comment, and every SQLSTATE that is raised stands in
-- a table with its meaning.
begin;
select plan(5);

select is_empty(
    $$select p.oid::regprocedure
        from pg_proc as p
       where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
         and obj_description(p.oid, 'pg_proc') is null$$,
    'every function has a comment');
select is_empty(
    $$select p.oid::regprocedure
        from pg_proc as p
       where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
         and obj_description(p.oid, 'pg_proc') !~ '^[A-Z][^\n]+\.$'$$,
    'and each comment is a line, with a full stop');

-- The SQLSTATEs in the functions' own text; the codes of rules are raised from register.rule.
create temporary view raised as
select distinct found.parts[1] collate "default" as sqlstate, found.parts[2] collate "default" as name
  from pg_proc as p
 cross join lateral regexp_matches(
           p.prosrc, 'errcode = ''(T[0-9A-Z]{4})'',\s+constraint = ''(\w+)''', 'g') as found (parts)
 where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace);
select results_eq('select sqlstate, name from raised order by sqlstate',
                  'select sqlstate, name from register.refusal order by sqlstate',
                  'what is raised beside the rules is in register.refusal, and nothing else is');
select is((select count(*)
             from pg_proc as p
            cross join lateral regexp_matches(p.prosrc, '\mT[0-9]{4}\M', 'g') as code
            where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
              and p.prosrc ~ 'errcode'
              and code[1] not in (select sqlstate from register.refusal
                                   union all
                                  select sqlstate from register.rule)), 0::bigint,
          'no function names an SQLSTATE that is in no table');
select is_empty($$select sqlstate from register.refusal
                 intersect
                  select sqlstate from register.rule$$, 'no SQLSTATE has two meanings');

select * from finish();
rollback;
