-- Replaces a token under its name: rotated, unknown or ended.
select service.token_rotate(:'name'::text, :'digest'::bytea,
                            make_interval(secs => coalesce(:'grace_seconds'::integer, 0)),
                            service.token_expiry(:'expires_on'::date)) as outcome
