/* Lines: Accept, Accept-Language, Accept-Encoding. */
#include "http/request/negotiation.h"
#include "fuzz.h"
#include "http/request/media_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 3);
    int media = negotiate_media(lines.rows[0], media_type_list_media);
    fuzz_require(media >= -1 && media < 4, "a media type is one of those offered");
    fuzz_require(negotiate_language(lines.rows[1]) < LANGUAGE_COUNT, "a language is known");
    fuzz_require(negotiate_encoding(lines.rows[2]) < ENCODING_COUNT, "a coding is known");
    fuzz_lines_close(&lines);
    return 0;
}
