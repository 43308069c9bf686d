-- Records, corrects or voids a single record: a changeset of one operation. The time of a change of the
-- outlook or of a note, which may be internal, is for its author.
select result.reference, result.revision, result.as_of, result.changeset,
       case when :'record_type'::text in ('outlook', 'note') then result.at else result.known_at end as known_at
  from service.operation_apply(
           :'op'::text, :'record_type'::text, :'reference'::text,
           coalesce(:'document'::jsonb, jsonb_build_object('reason', :'reason'::text))) as result
