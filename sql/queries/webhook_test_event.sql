-- A test as a CloudEvents 1.0 event, in the form of the feed's entries.
select '1.0' as specversion, :'id'::text as id,
       format('/v1/webhooks/%s', :'webhook'::text) as source,
       'int.coe.ets144.webhook.test' as type, :'webhook'::text as subject,
       clock_timestamp() as time, 'application/json' as datacontenttype,
       :'webhook'::text as "data.webhook"
