-- The title of the calendar, of a State or of all.
select case when :'state'::text is null then register.phrase('calendar_title', :'lang'::text)
            else register.phrase(
                     'calendar_title_of', :'lang'::text,
                     coalesce(register.in_language(:'lang'::text, version.name_en, version.name_fr),
                              :'state'::text))
            end as title
  from (values (1)) as one (row)
  left join register.named_state as version
    on version.code = (select register.state_code_of(:'state'::text)) and upper_inf(version.recorded)
   and version.valid @> register.today()
