-- The code of every State there is.
select version.code
  from register.state_version as version
 where upper_inf(version.recorded)
 order by version.code
