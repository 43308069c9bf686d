-- A revision, its digest, and a page of what the digest covers. `internal` is for readers of all
-- internal content only, on the first page.
select log.revision as number, log.at as recorded_at, log.author,
       content.json ->> 'reason' as reason, encode(held.digest, 'hex') as digest,
       content.json ->> 'previous' as previous_digest, content.json::json as content,
       page.recorded::json as recorded, page.next_place as "_next_place",
       case when :'all_internal'::boolean and :'after_place'::text is null
            then register.revision_internal(log.revision, held.salt, held.tokens)::json end
           as internal,
       format('/v1/revisions/%s', log.revision) as "links.self",
       case when log.revision > 0 then format('/v1/revisions/%s', log.revision - 1) end
           as "links.previous"
  from register.revision_log as log
  join register.revision_digest as held on held.revision = log.revision
 cross join lateral (
           select register.revision_content(log.revision, held.recorded_digest,
                                            held.internal_digest) as json) as content
 cross join lateral register.revision_page(log.revision, coalesce(:'after_place'::bigint, 0),
                                           :'limit'::integer) as page
 where log.revision = :'number'::bigint
