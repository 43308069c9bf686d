#include "api/resources.h"

#include <string.h>

/* The contract, made into JSON when the service was built, and laid into the binary as it is. */
__asm__(".section .rodata\n"
        ".global openapi_document\n"
        "openapi_document:\n"
        ".incbin \"openapi.json\"\n"
        ".global openapi_document_end\n"
        "openapi_document_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char openapi_document[];
extern const char openapi_document_end[];

void openapi_show(struct exchange *exchange)
{
    size_t length = (size_t)(openapi_document_end - openapi_document);
    char *bytes = memory_allocate(length);
    memcpy(bytes, openapi_document, length);
    reply_bytes(exchange, 200, "application/json", bytes, length);
}
