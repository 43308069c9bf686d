-- The result of an import: the action of each row of its file.
select import.reference as id, import.at as imported_at, import.author as imported_by,
       encode(import.digest, 'hex') as sha256,
       case when import.revision > import.revision_before then import.revision end as revision,
       counted.rows, counted.recorded, counted.rows - counted.recorded as unchanged, counted.items
  from register.import
 cross join lateral (
           select count(*) as rows, count(*) filter (where entry.entered) as recorded,
                  coalesce(json_agg(json_build_object('line', entry.line,
                                                      'action', entry.reference,
                                                      'recorded', entry.entered)
                                    order by entry.line), '[]') as items
             from register.import_row as entry
            where entry.import = import.reference
       ) as counted
 where import.reference = (select register.written_reference(:'reference'::text))
