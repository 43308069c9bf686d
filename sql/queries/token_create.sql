-- Stores a new token's digest; it expires at the end of the day, in UTC.
select service.token_create(:'name'::text, :'digest'::bytea,
                            string_to_array(:'scopes'::text, ','),
                            service.token_expiry(:'expires_on'::date)) is null as created
