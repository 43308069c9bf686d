-- Notes that tokens are used in this minute: a list of their names.
select service.tokens_used(:'names'::jsonb) is null as noted
