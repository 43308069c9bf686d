-- Stores a new token's digest; it expires at the end of the day, in UTC.
select service.token_create(:'name'::text, :'digest'::bytea,
                            string_to_array(:'scopes'::text, ','),
                            (:'expires_on'::date + 1)::timestamp at time zone 'UTC'
                            - interval '1 millisecond') is null as created
