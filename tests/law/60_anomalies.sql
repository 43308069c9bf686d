-- Where the record is weak.
begin;
select no_plan();

select results_eq(
    $$select code, reference, recorded, expected
        from register.anomalies_at('2026-11-24', 'infinity')
       where code in ('effective_date_differs', 'effective_before_bound')$$,
    $$values ('effective_date_differs', 'FIN-3', '2001-02-01', '2001-05-01'),
             ('effective_before_bound', 'FIN-3', '2001-02-01', '2001-05-01')$$,
    'FIN-3 is published with a date that the rule does not give, and before Finland is bound');
select is(count(*) filter (where action.kind = 'signature'), 10::bigint,
          'the days of ten signatures are not confirmed')
  from register.anomalies_at('2026-11-24', 'infinity') as found
  join register.actions_known('infinity') as action on action.reference = found.reference
 where found.code = 'day_unconfirmed';
select is(count(*) filter (where action.category = 'consent'), 2::bigint,
          'nor those of two ratifications')
  from register.anomalies_at('2026-11-24', 'infinity') as found
  join register.actions_known('infinity') as action on action.reference = found.reference
 where found.code = 'day_unconfirmed';
select is_empty(
    $$select code from register.anomalies_at('2026-11-24', 'infinity')
      except select code from register.anomaly$$, 'every anomaly found is explained');
select is_empty(
    $$select reference from register.anomalies_at('1992-02-04', 'infinity')
       where reference is not null$$, 'before the Convention there is nothing to doubt');

select * from finish();
rollback;
