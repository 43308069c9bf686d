-- States and memberships as records: what a document of each says, and the rules that both keep.
begin;
set local role ets144_owner;

-- A name is borne until the next one begins.
create function register.used_names(list jsonb) returns jsonb
    language sql immutable
    return (select coalesce(jsonb_agg(jsonb_build_object(
                       'used_from', named.used_from, 'used_until', named.next_from,
                       'name_en', named.name_en, 'name_fr', named.name_fr,
                       'subject_en', coalesce(named.subject_en, named.name_en),
                       'subject_fr', named.subject_fr,
                       'agreement_fr', coalesce(named.agreement_fr, ''))
                       order by named.used_from nulls first, named.place), '[]')
              from (select given.used_from, given.name_en, given.name_fr, given.subject_en,
                           given.subject_fr, given.agreement_fr, given.place,
                           lead(given.used_from)
                               over (order by given.used_from nulls first, given.place) as next_from
                      from rows from (jsonb_to_recordset(
                               case when jsonb_typeof(list) = 'array' then list else '[]' end) as (
                               used_from date, name_en text, name_fr text, subject_en text,
                               subject_fr text, agreement_fr text)) with ordinality as given (
                               used_from, name_en, name_fr, subject_en, subject_fr, agreement_fr,
                               place)) as named);
comment on function register.used_names is
    'The names of a State''s document in the order of their days, each with the day on which the next '
    'one begins.';

create function register.state_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document('register.state_version', document || jsonb_build_object(
        'alpha2', upper(document ->> 'alpha2'),
        'numeric_code', document ->> 'numeric',
        'names', register.used_names(document -> 'names'),
        'sources', register.text_array(document -> 'sources')));
comment on function register.state_content is
    'The content of a State''s document.';

create function register.membership_content(document jsonb) returns jsonb
    language sql stable
    return register.content_from_document(
        'register.membership_version', document || jsonb_build_object(
            'sources_disagree', coalesce(document -> 'sources_disagree', 'false'),
            'sources', register.text_array(document -> 'sources')));
comment on function register.membership_content is
    'The content of a membership''s document.';

create function register.state_breaches(of_states text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with held as materialized (
        select version.reference, version.voided, version.alpha2, version.numeric_code,
               version.names, version.existed_from, version.existed_until, version.verification,
               register.day_range(version.existed_from, version.existed_until) as days
          from register.state_version as version
         where upper_inf(version.recorded)
    ),
    asked as materialized (
        select held.* from held where of_states is null or held.reference = any (of_states)
    ),
    membership as materialized (
        select m.reference, m.state, version.member_from, version.member_until,
               version.verification,
               register.day_range(version.member_from, version.member_until) as period
          from register.membership as m
          join register.membership_version as version on version.reference = m.reference
         where upper_inf(version.recorded) and not version.voided
           and (of_states is null or m.state = any (of_states))
    )
    -- T4120
    select 'state_codes_own' as rule, asked.reference, code.field as field,
           array[asked.reference, code.own, held.reference] as arguments
      from asked
      join held on held.reference <> asked.reference and held.days && asked.days
     cross join lateral (
               values ('alpha2', asked.alpha2, held.alpha2),
                      ('numeric', asked.numeric_code, held.numeric_code)
           ) as code (field, own, other)
     where not asked.voided and not held.voided and code.own = code.other

    union all
    -- T4121
    select 'state_names_in_order' as rule, asked.reference, 'names' as field,
           array[asked.reference] as arguments
      from asked
     where not asked.voided
       and (select count(*) filter (where used.used_from is null) <> 1
                or count(distinct used.used_from) <> count(used.used_from)
                or bool_or(used.used_from <= asked.existed_from
                           or used.used_from >= asked.existed_until)
              from unnest(asked.names) as used)

    union all
    -- T4122
    select 'state_existed_in_order' as rule, asked.reference, 'existed_until' as field,
           array[asked.reference] as arguments
      from asked
     where not asked.voided and asked.existed_until <= asked.existed_from

    union all
    -- T4123
    select 'state_with_facts_stands' as rule, asked.reference, 'reference' as field,
           array[asked.reference, fact.reference] as arguments
      from asked
     cross join lateral (
               select membership.reference
                 from membership
                where membership.state = asked.reference
                union all
               select known.reference
                 from register.actions_known('infinity', array[asked.reference]) as known
                union all
               -- An internal record is not told of.
               select held.reference
                 from register.record_version as held
                where held.state = asked.reference and upper_inf(held.recorded)
                  and held.visibility = 'public'
                  and not (held.content ->> 'voided')::boolean
           ) as fact
     where asked.voided

    union all
    -- T4124
    select 'membership_in_order' as rule, membership.reference, 'member_until' as field,
           array[membership.reference] as arguments
      from membership
     where membership.member_until <= membership.member_from

    union all
    -- T4125
    select 'memberships_apart' as rule, membership.reference, 'member_from' as field,
           array[membership.reference, other.reference] as arguments
      from membership
      join membership as other
        on other.state = membership.state and other.reference < membership.reference
       and other.period && membership.period

    union all
    -- T4126
    select 'membership_of_existing_state' as rule, membership.reference,
           case when membership.member_from < asked.existed_from then 'member_from'
                else 'member_until' end as field,
           array[membership.reference, membership.state] as arguments
      from membership
      join asked on asked.reference = membership.state
     where not asked.voided and not membership.period <@ asked.days

    union all
    -- T4003
    select 'verification_exists' as rule, fact.reference, 'verification' as field,
           array[fact.verification] as arguments
      from (select asked.reference, asked.verification from asked where not asked.voided
             union all
            select membership.reference, membership.verification from membership) as fact
     where not exists (select
                         from register.verification
                        where verification.code = fact.verification);
end;
comment on function register.state_breaches is
    'The breaches in the current content of States (null: of every State) and their memberships, with '
    'a labelled select for each rule.';

commit;
