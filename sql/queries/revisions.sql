-- Revisions, oldest first, each with its digest and what the digest is of.
select log.revision as number, log.at as recorded_at, log.author,
       content.json ->> 'reason' as reason, encode(held.digest, 'hex') as digest,
       content.json ->> 'previous' as previous_digest, content.json::json as content,
       format('/v1/revisions/%s', log.revision) as "links.self",
       case when log.revision > 0 then format('/v1/revisions/%s', log.revision - 1) end
           as "links.previous"
  from register.revision_log as log
  join register.revision_digest as held on held.revision = log.revision
 cross join lateral (
           select register.revision_content(log.revision, held.recorded_digest,
                                            held.internal_digest) as json) as content
 where log.revision > coalesce(:'after_revision'::bigint, -1)
   and log.revision <= :'revision'::bigint
 order by log.revision
 limit :'limit'::integer
