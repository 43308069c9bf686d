-- Changes the members of a webhook that the document names.
select service.webhook_change(:'reference'::text, :'document'::jsonb) as changed
