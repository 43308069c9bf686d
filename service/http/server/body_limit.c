#include "http/server/body_limit.h"

#include "http/request/route.h"

#include <string.h>
#include <strings.h>

struct framing {
    int lengths;
    int codings;
    bool ambiguous;
};

static enum MHD_Result read_framing(void *closure, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    (void)kind;
    struct framing *framing = closure;
    if (strpbrk(name, " \t") != NULL) {
        framing->ambiguous = true;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0) {
        framing->lengths++;
    } else if (strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0) {
        framing->codings++;
        framing->ambiguous =
            framing->ambiguous || value == NULL || strcasecmp(value, "chunked") != 0;
    }
    return MHD_YES;
}

bool framing_is_unambiguous(struct MHD_Connection *connection)
{
    struct framing framing = {.ambiguous = false};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, read_framing, &framing);
    return !framing.ambiguous && framing.lengths + framing.codings <= 1;
}

size_t allowed_body_bytes(const struct exchange *exchange, const struct application *application)
{
    enum { UNEXPECTED_BODY = 1 };
    const struct route *route = exchange->route;
    if (route == NULL || strcmp(route->method, "GET") == 0) {
        return 0;
    }
    bool takes_body = route->fields != NULL || route->takes != NULL;
    return takes_body ? (size_t)route_max_body(route, application) + 1 : UNEXPECTED_BODY;
}
