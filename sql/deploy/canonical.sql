-- Canonical JSON (RFC 8785), and digests of it. The JSON of the register has strings, integers,
-- booleans, null, arrays, and objects whose names are ASCII: sorted by bytes they are sorted as the
-- RFC sorts them, by UTF-16 code units. PostgreSQL escapes strings as the RFC does.
begin;
set local role ets144_owner;

create function register.canonical_json(value jsonb) returns text
    language plpgsql immutable strict parallel safe
as $$
begin
    case jsonb_typeof(value)
        when 'object' then
            return (select '{' || coalesce(string_agg(
                               to_json(member.key)::text || ':'
                               || case when jsonb_typeof(member.value) in ('string', 'boolean', 'null')
                                            or member.value in ('[]', '{}')
                                       then member.value::text
                                       else register.canonical_json(member.value) end,
                               ',' order by member.key collate "C"), '') || '}'
                      from jsonb_each(value) as member);
        when 'array' then
            return (select '[' || coalesce(string_agg(
                               case when jsonb_typeof(element.value) in ('string', 'boolean', 'null')
                                    then element.value::text
                                    else register.canonical_json(element.value) end,
                               ',' order by element.place), '') || ']'
                      from jsonb_array_elements(value) with ordinality as element (value, place));
        when 'number' then
            -- Every reader's numbers are exact up to here (RFC 8785, 3.2.2.3).
            if value::text !~ '^-?[0-9]{1,15}$' then
                raise exception '% is not an integer of at most 15 digits.', value
                    using errcode = 'numeric_value_out_of_range';
            end if;
        else null;
    end case;
    return value::text;
end
$$;
comment on function register.canonical_json is
    'JSON in its canonical form (RFC 8785), for values without fractions and with ASCII names.';

create function register.json_digest(value jsonb) returns bytea
    language sql immutable strict parallel safe
    return sha256(convert_to(register.canonical_json(value), 'UTF8'));
comment on function register.json_digest is
    'The SHA-256 digest of JSON in its canonical form.';

create function register.utc_text(at timestamptz) returns text
    language sql stable strict parallel safe
    return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
comment on function register.utc_text is
    'A time as the service shows it (RFC 3339), whatever the time zone of the session.';

commit;
