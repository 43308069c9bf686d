-- The time of the register's first revision.
select log.at as since
  from register.revision_log as log
 where log.revision = 0
