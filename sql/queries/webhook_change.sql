-- Changes of a webhook what the document names.
select service.webhook_change(:'reference'::text, :'document'::jsonb) as changed
