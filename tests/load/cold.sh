# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# Reads that no cache has, beside a table that holds the finished rows.
cases_of_cold='cold-list cold-item cold-list-in-sql'

prepare_cold() {
    service cold ets144 "${cold[@]}"
    copy flat
    # The rows of the list as a table, as of a day with 47 States; without the moment, which the service shows
    # once.
    {
        echo 'create table public.flat as select row_number() over () as place, listed.* from ('
        statement states "as_of='2020-01-01'" "lang='en'"
        echo ') as listed; alter table public.flat add primary key (place), drop column _as_of,'
        echo 'drop column _known_at, drop column _revision, drop column _projected;'
        echo 'grant select on public.flat to ets144_service; vacuum analyze public.flat;'
    } >"$scratch/flat.sql"
    sql flat -f "$scratch/flat.sql"
    flat_rows=$(sql flat -c 'select count(*) from public.flat')
    echo 'select json_agg(flat)::text from public.flat;' >"$scratch/flat_list.sql"
    printf '%s\n' "\\set place random(1, $flat_rows)" \
        'select row_to_json(flat)::text from public.flat where place = :place;' >"$scratch/flat_item.sql"
    # A day is a number, since pgbench makes no text: 19930101.
    {
        echo '\set as_of random(1993, 2025) * 10000 + random(1, 12) * 100 + random(1, 28)'
        prepared states
    } >"$scratch/states.sql"
}

finish_cold() {
    stop cold
}

flat_list_rate() {
    database_rate "$threads" flat "$scratch/flat_list.sql"
}

measure_cold-list() {
    note cold-list service "$(scripted_rate 16 days.lua "${port[cold]}" /v1/states)"
    note cold-list flat "$(flat_list_rate)"
}

measure_cold-item() {
    note cold-item service "$(scripted_rate 16 days.lua "${port[cold]}" /v1/states/ITA)"
    note cold-item flat "$(database_rate "$threads" flat "$scratch/flat_item.sql")"
}

measure_cold-list-in-sql() {
    note cold-list-in-sql service "$(database_rate "$threads" ets144 "$scratch/states.sql" lang=en)"
    note cold-list-in-sql flat "$(flat_list_rate)"
}
