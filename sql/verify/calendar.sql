begin;

select uid, day, state, reference, kind, category, summary, description, changed_at
  from register.calendar_at(now(), 'en') where false;

rollback;
