#include "http/condition.h"

#include "http/entity_tag.h"
#include "http/form.h"

bool condition_met(const char *if_none_match, const char *if_modified_since, const char *tag,
                   time_t modified)
{
    if (if_none_match != NULL) {
        return entity_tag_in(if_none_match, tag, true);
    }
    char canonical[FORM_TIME_SIZE];
    return if_modified_since != NULL && modified > 0 &&
           form_read_http_date(if_modified_since, canonical) && modified <= form_seconds(canonical);
}

bool condition_unchanged(const struct exchange *exchange)
{
    return condition_met(exchange_header(exchange, "If-None-Match"),
                         exchange_header(exchange, "If-Modified-Since"), exchange->reply.etag,
                         exchange->reply.modified);
}
