/* Lines: a list of entity tags, a date, a tag. */
#include "fuzz.h"
#include "http/message/entity_tag.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct fuzz_lines lines = fuzz_lines_open(bytes, size, 3);
    const char *list = lines.rows[0];
    char tag[ENTITY_TAG_SIZE];
    entity_tag_make(lines.rows[2], strlen(lines.rows[2]), tag);
    fuzz_require(entity_tag_list_valid(tag) && entity_tag_in(tag, tag, false), "a tag is itself");
    bool strong = entity_tag_in(list, tag, false);
    fuzz_require(!strong || entity_tag_in(list, tag, true), "what matches matches weakly, too");
    (void)entity_tag_list_valid(list);
    (void)entity_tag_in(list, lines.rows[2], true);
    (void)condition_met(list, lines.rows[1], tag, 1000000000);
    (void)condition_met(NULL, lines.rows[1], tag, 1000000000);
    fuzz_lines_close(&lines);
    return 0;
}
