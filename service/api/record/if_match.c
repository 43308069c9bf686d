#include "api/record/if_match.h"

#include "http/message/entity_tag.h"
#include "http/message/problem.h"

#include <stdlib.h>
#include <string.h>

bool if_match_given(struct exchange *exchange)
{
    const char *condition = exchange_header(exchange, "If-Match");
    if (condition == NULL) {
        problem_reply(exchange, PROBLEM_PRECONDITION_REQUIRED,
                      message_text(exchange->language, MESSAGE_IF_MATCH_MISSING));
        return false;
    }
    if (!entity_tag_list_valid(condition)) {
        fault_add(exchange, FAULT_HEADER, "If-Match", NULL,
                  message_text(exchange->language, MESSAGE_IF_MATCH_MALFORMED));
        problem_reply(exchange, PROBLEM_MALFORMED_REQUEST, NULL);
        return false;
    }
    return true;
}

const char *if_match_tag(struct exchange *exchange, const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    entity_tag_make(text, strlen(text), tag);
    free(text);
    return tag;
}

bool if_match_names(struct exchange *exchange, const json_t *document)
{
    const char *condition = exchange_header(exchange, "If-Match");
    const char *tag = if_match_tag(exchange, document);
    for (int encoding = 0; encoding < ENCODING_COUNT; encoding++) {
        char of_form[ENTITY_TAG_SIZE];
        encoding_tag((enum encoding)encoding, tag, of_form);
        if (entity_tag_in(condition, of_form, false)) {
            return true;
        }
    }
    return false;
}

void if_match_refuse(struct exchange *exchange)
{
    problem_reply(exchange, PROBLEM_PRECONDITION_FAILED,
                  message_text(exchange->language, MESSAGE_IF_MATCH_STALE));
}
