-- The caller's webhooks, or with `reference` that webhook; without secrets.
select webhook.id, webhook.url, webhook.description, to_json(webhook.categories) as categories,
       to_json(webhook.states) as states, webhook.internal, webhook.enabled,
       webhook.disabled_because, webhook.failing_since, webhook.secret_changed_at,
       webhook.previous_secret_until, webhook.created_at, webhook.created_by
  from service.webhook_list(:'token_digest'::bytea, coalesce(:'internal'::boolean, false),
                            :'reference'::text, :'person'::jsonb) as webhook
