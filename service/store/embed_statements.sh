#!/bin/sh
# Turns sql/queries/*.sql into C: `header FILES…` declares them, `source FILES…` defines them.
# A parameter is written :'name' (as psql has it); each distinct name becomes $1, $2, … in order
# of first use, and the list of names goes with the statement.
set -eu
mode=$1
shift

awk -v mode="$mode" '
function base(path) { sub(/.*\//, "", path); sub(/\.sql$/, "", path); return path }
function quote(text) { gsub(/\\/, "\\\\\\\\", text); gsub(/"/, "\\\"", text); return text }

function take_line(line,    out, name) {
    sub(/^[ \t]*--.*/, "", line)
    sub(/^[ \t]+/, " ", line)
    out = ""
    while (match(line, /:\047[a-z_]+\047/)) {
        name = substr(line, RSTART + 2, RLENGTH - 3)
        if (!(name in number)) { number[name] = ++count; names[count] = name }
        out = out substr(line, 1, RSTART - 1) "$" number[name]
        line = substr(line, RSTART + RLENGTH)
    }
    line = out line
    if (line ~ / as _revision/) resolves = "true"
    if (line != "") body = body "    \"" quote(line) "\\n\"\n"
}

function finish(    i) {
    if (current == "") return
    printf "static const char *const %s_parameters[] = {", current
    for (i = 1; i <= count; i++) printf "\"%s\", ", names[i]
    print "NULL};"
    printf "const struct statement statement_%s = {\n    .name = \"%s\",\n    .index = %d,\n", current, current, total++
    printf "    .parameter_count = %d,\n    .parameters = %s_parameters,\n", count, current
    printf "    .resolves_moment = %s,\n    .sql =\n%s};\n\n", resolves, body
    split("", number); split("", names); count = 0; body = ""; resolves = "false"
}

BEGIN {
    print "/* Made from sql/queries by service/store/embed_statements.sh. */"
    if (mode == "header") {
        print "#ifndef ETS144_STATEMENTS_H\n#define ETS144_STATEMENTS_H\n"
        print "#include \"store/statement.h\"\n"
        for (i = 1; i < ARGC; i++) printf "extern const struct statement statement_%s;\n", base(ARGV[i])
        printf "\nenum { STATEMENT_COUNT = %d };\n\n#endif\n", ARGC - 1
        exit
    }
    print "#include \"statements.h\"\n\n#include <stddef.h>\n"
    print "/* ISO C requires 4095 characters of a compiler; GCC and Clang have no such limit. */"
    print "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n"
    resolves = "false"
}
mode == "source" && FNR == 1 { finish(); current = base(FILENAME) }
mode == "source" { take_line($0) }
END { if (mode == "source") finish() }
' "$@"
