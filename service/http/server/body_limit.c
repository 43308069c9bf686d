#include "http/server/body_limit.h"

#include "http/request/route.h"

#include <string.h>

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
