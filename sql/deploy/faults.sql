-- What is wrong with the register, in words, and how it is refused: all of it at once.
begin;
set local role ets144_owner;

-- The breaches in words, in the order of the rules.
create function register.faults()
    returns table (rule text, sqlstate text, article text, reference text, field text,
                   title_en text, title_fr text, detail_en text, detail_fr text)
    language sql stable
    rows 10
begin atomic
    select rule.name, rule.sqlstate, rule.article, breach.reference, breach.field, rule.title_en,
           rule.title_fr, format(rule.detail_en, variadic breach.arguments),
           format(rule.detail_fr, variadic breach.arguments)
      from (select b.rule, b.reference, b.field, b.arguments
              from register.action_breaches() as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.call_breaches() as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.outlook_breaches() as b) as breach
      join register.rule on rule.name = breach.rule
     order by rule.sqlstate, breach.reference;
end;

-- Raises what is wrong, all of it at once: the first fault's SQLSTATE and rule, and in DETAIL a JSON
-- list of every one.
create function register.refuse(faults json) returns void
    language plpgsql stable
as $$
declare
    first constant json := faults -> 0;
begin
    raise exception using
        errcode = first ->> 'sqlstate',
        constraint = first ->> 'rule',
        message = first ->> 'detail_en',
        detail = faults::text;
end
$$;

-- The register as it stands, or an exception.
create function register.demand_legality() returns void
    language plpgsql stable
as $$
declare
    found json;
begin
    select pg_catalog.json_agg(fault) into found from register.faults() as fault;
    if found is not null then
        perform register.refuse(found);
    end if;
end
$$;

-- One rule broken by something that cannot even be entered.
create function register.refuse_rule(rule text, field text, variadic arguments text[] default '{}')
    returns void
    language plpgsql stable
as $$
begin
    perform register.refuse(pg_catalog.json_build_array(pg_catalog.json_build_object(
                'rule', r.name, 'sqlstate', r.sqlstate, 'article', r.article,
                'field', refuse_rule.field, 'title_en', r.title_en, 'title_fr', r.title_fr,
                'detail_en', pg_catalog.format(r.detail_en, variadic arguments),
                'detail_fr', pg_catalog.format(r.detail_fr, variadic arguments))))
       from register.rule as r
      where r.name = refuse_rule.rule;
end
$$;

commit;
