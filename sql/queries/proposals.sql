-- Proposals that the caller sees, newest first, as the journal shows them, each with its first
-- operations. With `reference`: that proposal, with all of them and their documents.
select seen.reference, seen.status, null::text as recorded_at, seen.author as recorded_by,
       seen.reason, null::bigint as revision, seen.reverts, null::text as reverted_by,
       seen.at as proposed_at, seen.decided_by, seen.decided_at, seen.decision_reason,
       seen.changeset as recorded_as, jsonb_array_length(seen.operations) as operation_count,
       (select json_agg(json_build_object(
                   'op', done.item ->> 'op', 'type', done.item ->> 'type',
                   'reference', done.item ->> 'reference',
                   'version', (done.item ->> 'version')::integer, 'state', done.item ->> 'state',
                   'changed', true,
                   'document', case when :'reference'::text is not null
                                    then seen.document -> 'operations' -> (done.place::integer - 1)
                                         -> 'document' end)
                   order by done.place)
          from jsonb_array_elements(seen.operations) with ordinality as done (item, place)
         where :'reference'::text is not null or done.place <= 100) as operations
  from service.proposals_seen(:'token_digest'::bytea, :'person'::jsonb,
                              (select register.written_reference(:'reference'::text))) as seen
 where (:'status'::text is null or seen.status = :'status'::text)
   and (:'author'::text is null or seen.author = :'author'::text)
   and (:'from'::date is null or seen.at >= :'from'::date::timestamp at time zone 'UTC')
   and (:'to'::date is null or seen.at < (:'to'::date + 1)::timestamp at time zone 'UTC')
   and ((:'state'::text is null and :'type'::text is null)
        or exists (select
                     from jsonb_array_elements(seen.operations) as done (item)
                    where (:'state'::text is null
                           or done.item ->> 'state'
                              = (select register.state_code_of(:'state'::text)))
                      and (:'type'::text is null
                           or done.item ->> 'type' = any (string_to_array(:'type'::text, ',')))))
   and seen.reference < coalesce(:'after_reference'::text, 'g')
 order by seen.reference desc
 limit :'limit'::integer
