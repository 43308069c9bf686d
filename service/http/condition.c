#include "http/condition.h"

#include "http/entity_tag.h"
#include "http/form.h"

bool condition_unchanged(const struct exchange *exchange)
{
    const struct reply *reply = &exchange->reply;
    const char *tags = exchange_header(exchange, "If-None-Match");
    if (tags != NULL) {
        return entity_tag_in(tags, reply->etag, true);
    }
    const char *since = exchange_header(exchange, "If-Modified-Since");
    char canonical[FORM_TIME_SIZE];
    return since != NULL && reply->modified > 0 && form_read_http_date(since, canonical) &&
           reply->modified <= form_seconds(canonical);
}
