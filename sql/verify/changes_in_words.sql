begin;

select words.title, words.summary
  from register.changes_before(null, null, null, 1) as change
 cross join lateral register.change_in_words(change, 'en') as words
 where false;
select register.uuid_of('feed');

rollback;
