-- Waits for the other writers, until the transaction ends.
select register.write_lock() as revision
