# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# Cached responses, and what else could send the same bytes: nginx, libmicrohttpd alone, a bare loop of
# epoll, and two services of common frameworks that ask the database.
cases_of_cached='item list 304 gzip'

prepare_cached() {
    local program
    for program in raw_mhd raw_epoll; do
        gcc -D_GNU_SOURCE -O2 -Wall -Wextra -o "$scratch/$program" "tests/load/$program.c" -lmicrohttpd
    done
    [ -d tests/load/node_modules ] || (cd tests/load && npm install --no-audit --no-fund --no-save >/dev/null)
    start_nginx
    list_tag=$(tag "http://127.0.0.1:$own/v1/states")
    list_tag_of_nginx=$(tag "http://127.0.0.1:${port[nginx]}/list")
    serve libmicrohttpd "$scratch/raw_mhd" %port% "$threads" "$scratch/html/list"
    serve fastify node tests/load/fastify.mjs %port% "$socket"
    serve fastapi /usr/bin/python3 tests/load/fastapi_list.py %port% "$socket"
    serve epoll_item "$scratch/raw_epoll" %port% "$threads" "$own" /v1/states/ITA
    serve epoll_list "$scratch/raw_epoll" %port% "$threads" "$own" /v1/states
    serve epoll_304 "$scratch/raw_epoll" %port% "$threads" "$own" /v1/states "$list_tag"
}

finish_cached() {
    stop libmicrohttpd fastify fastapi epoll_item epoll_list epoll_304
}

measure_item() {
    note item service "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
    note item nginx "$(rate "http://127.0.0.1:${port[nginx]}/item")"
    note item epoll "$(rate "http://127.0.0.1:${port[epoll_item]}/v1/states/ITA")"
}

measure_list() {
    note list service "$(rate "http://127.0.0.1:$own/v1/states")"
    note list nginx "$(rate "http://127.0.0.1:${port[nginx]}/list")"
    note list epoll "$(rate "http://127.0.0.1:${port[epoll_list]}/v1/states")"
    note list libmicrohttpd "$(rate "http://127.0.0.1:${port[libmicrohttpd]}/")"
    note list fastify "$(rate "http://127.0.0.1:${port[fastify]}/v1/states")"
    note list fastapi "$(rate "http://127.0.0.1:${port[fastapi]}/v1/states")"
}

measure_304() {
    note 304 service "$(rate -H "If-None-Match: $list_tag" "http://127.0.0.1:$own/v1/states")"
    note 304 nginx "$(rate -H "If-None-Match: $list_tag_of_nginx" "http://127.0.0.1:${port[nginx]}/list")"
    note 304 epoll "$(rate -H "If-None-Match: $list_tag" "http://127.0.0.1:${port[epoll_304]}/v1/states")"
    note 304 libmicrohttpd "$(rate -H 'If-None-Match: "raw"' "http://127.0.0.1:${port[libmicrohttpd]}/")"
}

measure_gzip() {
    note gzip service "$(rate -H 'Accept-Encoding: gzip' "http://127.0.0.1:$own/v1/states")"
    note gzip nginx "$(rate -H 'Accept-Encoding: gzip' "http://127.0.0.1:${port[nginx]}/list")"
}
