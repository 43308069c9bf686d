-- A proposal as a CloudEvents 1.0 event, for those who decide on it.
select '1.0' as specversion, proposal.reference as id, '/v1/changesets' as source,
       'int.coe.ets144.proposal.proposed' as type, proposal.reference as subject,
       proposal.at as time, 'application/json' as datacontenttype, 'proposal' as "data.category",
       'proposed' as "data.event", proposal.reference as "data.reference",
       proposal.author as "data.proposed_by", proposal.reason as "data.reason",
       jsonb_array_length(proposal.operations) as "data.operation_count"
  from register.proposal
 where proposal.reference = :'id'::text
