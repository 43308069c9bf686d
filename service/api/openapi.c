#include "api/link.h"
#include "api/resources.h"

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

void openapi_show(struct exchange *exchange)
{
    char *bytes = memory_allocate(openapi_length);
    memcpy(bytes, openapi_document, openapi_length);
    link_service(exchange);
    reply_bytes(exchange, 200, "application/json", bytes, openapi_length);
}
