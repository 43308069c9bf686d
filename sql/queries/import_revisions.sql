-- The revisions before and after an import, and its day.
select import.as_of, import.revision_before, import.revision
  from register.import
 where import.reference = :'reference'::text
