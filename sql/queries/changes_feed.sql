-- The newest entries of the change feed before a position, in words.
select change.id, change.at as time, words.title, words.summary, change.category,
       register.in_language(:'lang'::text, category.name_en, category.name_fr)
           as category_name,
       change.state, change.reference, change.author as recorded_by, change.number as _number
  from register.changes_before(
           :'before_at'::timestamptz, :'before_number'::integer, :'state_code'::text,
           :'most'::integer, :'author'::text, :'since'::timestamptz) as change
 cross join lateral register.change_in_words(change, :'lang'::text) as words
  join register.vocabulary_term as category
    on category.vocabulary = 'changes' and category.code = change.category
 order by change.at desc, change.number desc
