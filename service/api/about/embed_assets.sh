#!/bin/bash
# Makes files into the table of api/asset.h, in C on standard output: embed_assets.sh FOLDER FILE...
# Their forms go to FOLDER, from where the assembler takes them in. A form that does not shrink is
# left out. The hash in a name is the beginning of its bytes' SHA-256, as an entity tag is.
set -euo pipefail
folder=$1
shift
mkdir -p "$folder"

type_of() {
    case $1 in
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *)
        echo "ets144: $1 has no media type here." >&2
        return 1
        ;;
    esac
}

# The symbol and the bytes of one form.
take_in() {
    local symbol=$1 path=$2
    printf '__asm__(".section .rodata\\n.global %s\\n%s:\\n.incbin \\"%s\\"\\n.previous\\n");\n' \
        "$symbol" "$symbol" "$path"
    printf 'extern const char %s[];\n' "$symbol"
}

echo '/* Made by embed_assets.sh. */'
echo '#include "api/about/asset.h"'
rows=
number=0
for file in "$@"; do
    name=${file##*/}
    made=$folder/$name
    type=$(type_of "$name")
    hash=$(sha256sum "$file" | cut -c 1-32)
    cp "$file" "$made"
    gzip -9 --no-name --stdout "$file" >"$made.gz"
    brotli --quality=11 --force --output="$made.br" "$file"
    forms=
    for form in identity: gzip:.gz brotli:.br; do
        coding=${form%%:*}
        path=$made${form#*:}
        length=$(stat -c %s "$path")
        [ "$coding" = identity ] || [ "$length" -lt "$(stat -c %s "$made")" ] || continue
        symbol=asset_${number}_$coding
        take_in "$symbol" "$path"
        forms+="[ENCODING_${coding^^}] = {$symbol, $length}, "
    done
    rows+="    {\"$name\", \"${name%.*}.${hash:0:16}.${name##*.}\", \"$type\", \"\\\"$hash\\\"\", {$forms}},"$'\n'
    number=$((number + 1))
done
echo 'const struct asset assets[] = {'
printf '%s' "$rows"
echo '    {.file = 0},'
echo '};'
