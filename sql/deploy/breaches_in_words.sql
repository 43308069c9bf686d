-- The breaches in words, and the exception that reports all of them.
begin;
set local role ets144_owner;

-- What a write changed: a null is all of a kind.
create type register.touched as (
    states text[], calls text[], outlook_entries text[], replies text[], notes text[]);

create function register.touched_by(before timestamptz, after timestamptz) returns register.touched
    language sql stable
begin atomic
    select (register.states_touched(before, after),
            array(select v.reference
                    from register.call_version as v
                   where lower(v.recorded) > before and lower(v.recorded) <= after),
            array(select v.reference
                    from register.outlook_version as v
                   where lower(v.recorded) > before and lower(v.recorded) <= after),
            array(select v.reference
                    from register.reply_version as v
                   where lower(v.recorded) > before and lower(v.recorded) <= after),
            array(select v.reference
                    from register.note_version as v
                   where lower(v.recorded) > before and lower(v.recorded) <= after)
           )::register.touched;
end;
comment on function register.touched_by is
    'The records that the writes after a moment and up to a later moment changed.';

create function register.breaches_in_words(touched register.touched default null)
    returns table (rule text, sqlstate text, article text, reference text, field text,
                   title_en text, title_fr text, detail_en text, detail_fr text)
    language sql stable
    rows 10
begin atomic
    select rule.name, rule.sqlstate, rule.article, breach.reference, breach.field, rule.title_en,
           rule.title_fr, format(rule.detail_en, variadic breach.arguments),
           format(rule.detail_fr, variadic breach.arguments)
      from (select b.rule, b.reference, b.field, b.arguments
              from register.action_breaches((touched).states) as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.state_breaches((touched).states) as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.call_breaches((touched).calls) as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.outlook_breaches((touched).outlook_entries) as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.reply_breaches((touched).replies, (touched).calls) as b
             union all
            select b.rule, b.reference, b.field, b.arguments
              from register.note_breaches((touched).notes) as b) as breach
      join register.rule on rule.name = breach.rule
     order by rule.sqlstate, breach.reference;
end;
comment on function register.breaches_in_words is
    'The breaches in what a write touched (null: in the whole register) in words, in the order of '
    'the rules.';

create function register.raise_breaches(breaches json) returns void
    language plpgsql stable
as $$
declare
    first constant json := breaches -> 0;
begin
    raise exception using
        errcode = first ->> 'sqlstate',
        constraint = first ->> 'rule',
        message = first ->> 'detail_en',
        detail = breaches::text;
end
$$;
comment on function register.raise_breaches is
    'Raises all breaches at once: the first gives SQLSTATE and constraint, DETAIL lists each as '
    'JSON.';

create function register.assert_lawful(touched register.touched default null) returns void
    language plpgsql stable
as $$
declare
    found json;
begin
    select pg_catalog.json_agg(breach) into found
      from register.breaches_in_words(touched) as breach;
    if found is not null then
        perform register.raise_breaches(found);
    end if;
end
$$;
comment on function register.assert_lawful is
    'Raises an exception unless what a write touched (null: the whole register) is lawful.';

create function register.raise_breach(rule text, field text, variadic arguments text[] default '{}')
    returns void
    language plpgsql stable
as $$
begin
    perform register.raise_breaches(pg_catalog.json_build_array(pg_catalog.json_build_object(
                'rule', r.name, 'sqlstate', r.sqlstate, 'article', r.article,
                'field', raise_breach.field, 'title_en', r.title_en, 'title_fr', r.title_fr,
                'detail_en', pg_catalog.format(r.detail_en, variadic arguments),
                'detail_fr', pg_catalog.format(r.detail_fr, variadic arguments))))
       from register.rule as r
      where r.name = raise_breach.rule;
end
$$;
comment on function register.raise_breach is
    'Raises the breach of a rule by something that cannot even be entered.';

commit;
