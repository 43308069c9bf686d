-- Sets the trace (W3C Trace Context) of this transaction's write.
select set_config('register.trace', :'trace'::text, true) as trace
