-- Stores a new token's digest.
select service.token_create(:'name'::text, :'digest'::bytea,
                            string_to_array(:'scopes'::text, ','),
                            :'expires_at'::timestamptz) is null as created
