# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# Whether anything costs more when there is more of it.
#
#   many      the real record, and 10,000 acts that each move the status of Italy
#   ten       ten acts, with which the Convention is in force
#   hundred, million     the real record with so many versions
#   thousand, thousands  the real record with 1,000 and 10,000 revisions
cases_of_volume='series import write-after write-after-own list-of-versions item-of-versions check'

# The acts in turn, from 1 June 1999.
file_of_acts() {
    /usr/bin/python3 - "$1" <<'EOF'
import datetime
import sys
print('state,kind,date,verification')
for number in range(int(sys.argv[1])):
    day = datetime.date(1999, 6, 1) + datetime.timedelta(number)
    print(f'ITA,{("derogation", "derogation_end")[number % 2]},{day},unconfirmed')
EOF
}

# import_acts DATABASE COUNT: prints how many microseconds a row took
import_acts() {
    local began
    [ -e "$scratch/acts-$2.csv" ] || file_of_acts "$2" >"$scratch/acts-$2.csv"
    began=$(date +%s%N)
    ETS144_ADMIN_DATABASE_URL=$(url_of "$1" ets144_admin) ETS144_IMPORT_TIMEOUT_MS=600000 \
        build/release/ets144 import "$scratch/acts-$2.csv" --author bench >>"$scratch/log" 2>&1
    echo $((($(date +%s%N) - began) / $2 / 1000))
}

# wanted PART: whether a case is to be run whose name begins so
wanted() {
    [[ " $selected" == *" $1"* ]]
}

prepare_volume() {
    if wanted series || wanted write-after; then
        copy many
        import_acts many 10000 >/dev/null
    fi
    if wanted series; then
        make_ten
        service series_many many "${cold[@]}" "${patient[@]}"
        service series_ten ten "${cold[@]}" "${patient[@]}"
    fi
    if wanted write-after; then
        copy few
        service after_many many "${patient[@]}"
        service after_few few "${patient[@]}"
    fi
    if wanted list-of || wanted item-of; then
        copy hundred
        sql hundred -v versions=100 -f tests/load/history.sql
        copy million
        sql million -v versions=1000000 -f tests/load/history.sql
        prepared states >"$scratch/states_now.sql"
    fi
}

finish_volume() {
    local name
    for name in series_many series_ten after_many after_few; do
        [ -z "${port[$name]:-}" ] || stop "$name"
    done
}

# Five signatures and five consents.
make_ten() {
    mkdir "$scratch/ten"
    cp sql/data/*.csv "$scratch/ten"
    grep -E '^(reference,|(FIN|ITA|NLD|NOR|SWE)-[12],)' sql/data/actions.csv >"$scratch/ten/actions.csv"
    copy ten empty
    sql ten -v data="$scratch/ten" -f sql/load.sql >>"$scratch/log"
}

measure_series() {
    local name
    for name in many ten; do
        note series $name "$(median_latency "http://127.0.0.1:${port[series_$name]}/v1/statistics/series?by=month")"
    done
}

measure_import() {
    local count
    for count in 1000 10000; do
        copy imported
        note import $count "$(import_acts imported $count)"
    done
    sql postgres -c 'drop database imported'
}

# write_after CASE STATE: the median of twenty writes that each move the status of the State
write_after() {
    local name
    for name in many few; do
        note "$1" $name "$(/usr/bin/python3 tests/load/write_latency.py "${port[after_$name]}" "$token" "$2" \
            20 $((20 * (round - 1))))"
    done
}

measure_write-after() {
    write_after write-after NLD
}

measure_write-after-own() {
    write_after write-after-own ITA
}

# of_versions CASE [NAME=VALUE...]
of_versions() {
    local case=$1 name
    shift
    for name in million hundred; do
        note "$case" $name "$(milliseconds \
            "$(database_rate 1 $name "$scratch/states_now.sql" as_of=20261124 lang=en "$@")")"
    done
}

measure_list-of-versions() {
    of_versions list-of-versions
}

measure_item-of-versions() {
    of_versions item-of-versions state=ITA
}

check_seconds() {
    local began
    began=$(date +%s%N)
    ETS144_ADMIN_DATABASE_URL=$(url_of "$1" ets144_admin) build/release/ets144 check >>"$scratch/log"
    awk -v nanoseconds=$(($(date +%s%N) - began)) 'BEGIN {print nanoseconds / 1e9}'
}

# Once in a run, since it takes minutes.
measure_check() {
    [ "$round" -eq 1 ] || return 0
    copy thousand
    sql thousand -v revisions=1000 -f tests/load/revisions.sql
    note check thousand "$(check_seconds thousand)"
    copy thousands thousand
    sql thousands -v revisions=10000 -f tests/load/revisions.sql
    note check thousands "$(check_seconds thousands)"
}
