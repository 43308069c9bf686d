-- What the calendar is called, of one State or of all.
select case when :'state'::text is null then register.phrase('calendar_title', :'lang'::text)
            else register.phrase(
                     'calendar_title_of', :'lang'::text,
                     coalesce(case :'lang'::text when 'fr' then version.name_fr
                                                 else version.name_en end, :'state'::text))
            end as title
  from (values (1)) as one (row)
  left join register.state_version as version
    on :'state'::text in (version.code, version.alpha2) and upper_inf(version.recorded)
