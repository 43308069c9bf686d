#include "api/format/link.h"
#include "api/handlers.h"
#include "base/embed.h"
#include "context.h"

#include <string.h>

/* The contract, made into JSON when the service is built. */
EMBED(openapi_document, "openapi.json");

/* The contract with the licence of the data, as the operator set it. */
static void reply_with_licence(struct exchange *exchange, const char *licence)
{
    json_t *document = json_loadb(openapi_document, openapi_document_length, 0, NULL);
    json_object_set_new(json_object_get(document, "info"), "license",
                        json_pack("{s:s, s:s}", "name", licence, "url", licence));
    reply_json(exchange, 200, document);
}

void openapi_show(struct exchange *exchange)
{
    const struct context *context = exchange->context;
    link_service(exchange);
    if (context->licence[0] != '\0') {
        reply_with_licence(exchange, context->licence);
        return;
    }
    char *bytes = memory_allocate(openapi_document_length);
    memcpy(bytes, openapi_document, openapi_document_length);
    reply_bytes(exchange, 200, "application/json", bytes, openapi_document_length);
}
