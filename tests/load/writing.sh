# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# Writes: what a write costs beside its bare rows, and how soon it shows on another replica.
cases_of_writing='write freshness'

writers=4

prepare_writing() {
    copy written
    copy bare
    copy followed
    service written written "${patient[@]}"
    service followed followed
    # A first write, to see which rows a write leaves behind.
    echo '{"state":"ITA","kind":"derogation","date":"2026-11-01","verification":"unconfirmed"}' \
        >"$scratch/derogation"
    curl -sf -o /dev/null -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -d "@$scratch/derogation" "http://127.0.0.1:${port[written]}/v1/actions"
    {
        echo 'create schema bare;'
        sql written -v what=tables -f tests/load/written_rows.sql
        echo 'grant usage on schema bare to ets144_service;'
        echo 'grant insert on all tables in schema bare to ets144_service;'
    } >"$scratch/bare_tables.sql"
    sql bare -f "$scratch/bare_tables.sql"
    sql written -v what=rows -f tests/load/written_rows.sql >"$scratch/bare_rows.sql"
    # The first write of a session takes several times as long as the others.
    h2load --h1 -t1 -c$writers -n$((4 * writers)) -d "$scratch/derogation" \
        -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        "http://127.0.0.1:${port[written]}/v1/actions" >>"$scratch/log"
}

finish_writing() {
    stop written followed
}

# Each round goes on where no round before can have come to.
measure_write() {
    note write service "$(scripted_rate $writers derogations.lua "${port[written]}" "$token" \
        $((round * 5000)))"
    note write bare "$(database_rate $writers bare "$scratch/bare_rows.sql")"
}

measure_freshness() {
    local said
    said=$(/usr/bin/python3 tests/load/freshness.py "$(url_of followed ets144_service)" "$token" \
        "${port[followed]}" 200)
    note freshness p50 "$(awk '{print $1}' <<<"$said")"
    note freshness p99 "$(awk '{print $2}' <<<"$said")"
}
