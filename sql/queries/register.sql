-- Since when there is a register.
select log.at as since
  from register.revision_log as log
 where log.revision = 0
