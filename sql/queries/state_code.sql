-- The State's alpha-3 code, for its alpha-2 or alpha-3 code in any letter case.
select version.code
  from register.state_version as version
 where upper_inf(version.recorded)
   and upper(:'code'::text) in (version.code, version.alpha2)
