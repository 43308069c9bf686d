-- Says which trace (W3C Trace Context) the write of this transaction is a part of.
select set_config('register.trace', :'trace'::text, true) as trace
