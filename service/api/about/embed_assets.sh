#!/bin/bash
# Writes the table of api/about/asset.h as C to standard output: embed_assets.sh FOLDER FILE...
# Compressed copies go to FOLDER, where the assembler reads them; a copy that is not smaller is left
# out. The hash in a name is the beginning of the file's SHA-256, as in its entity tag.
set -euo pipefail
folder=$1
shift
mkdir -p "$folder"

type_of() {
    case $1 in
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *)
        echo "ets144: the ending of $1 has no media type in embed_assets.sh." >&2
        return 1
        ;;
    esac
}

echo '/* Made by embed_assets.sh. */'
echo '#include "api/about/asset.h"'
echo '#include "base/embed.h"'
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
        echo "EMBED($symbol, \"$path\");"
        forms+="[ENCODING_${coding^^}] = {$symbol, $length}, "
    done
    rows+="    {\"$name\", \"${name%.*}.${hash:0:16}.${name##*.}\", \"$type\", \"\\\"$hash\\\"\", {$forms}},"$'\n'
    number=$((number + 1))
done
echo 'const struct asset assets[] = {'
printf '%s' "$rows"
echo '    {.file = 0},'
echo '};'
