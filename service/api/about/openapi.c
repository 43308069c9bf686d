#include "api/format/link.h"
#include "api/handlers.h"
#include "context.h"

#include <string.h>

/* The contract, made into JSON when the service was built, and laid into the binary as it is:
 * no parser of YAML, no file to be found at run time. */
__asm__(".section .rodata\n"
        ".global openapi_document\n"
        "openapi_document:\n"
        ".incbin \"openapi.json\"\n"
        "openapi_document_end:\n"
        ".balign 8\n"
        ".global openapi_length\n"
        "openapi_length:\n"
        ".quad openapi_document_end - openapi_document\n"
        ".previous\n");
extern const char openapi_document[];
extern const unsigned long openapi_length;

/* The contract names the licence of the data, if the operator did. */
static void reply_licensed(struct exchange *exchange, const char *licence)
{
    json_t *document = json_loadb(openapi_document, openapi_length, 0, NULL);
    json_object_set_new(json_object_get(document, "info"), "license",
                        json_pack("{s:s, s:s}", "name", licence, "url", licence));
    reply_json(exchange, 200, document);
}

void openapi_show(struct exchange *exchange)
{
    const struct context *context = exchange->context;
    link_service(exchange);
    if (context->licence[0] != '\0') {
        reply_licensed(exchange, context->licence);
        return;
    }
    char *bytes = memory_allocate(openapi_length);
    memcpy(bytes, openapi_document, openapi_length);
    reply_bytes(exchange, 200, "application/json", bytes, openapi_length);
}
