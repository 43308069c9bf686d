-- The write that others wait for: since when, and whose it is.
select to_char(writer.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
       writer.author,
       extract(epoch from clock_timestamp() - writer.since)::integer as seconds
  from service.current_writer() as writer
