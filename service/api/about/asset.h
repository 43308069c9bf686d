/* Assets: files that are served as they were when the service was built, with every form of their
 * bytes and their tag made then. Their names have a hash in them: what is at such an address never
 * changes. */
#ifndef ETS144_API_ABOUT_ASSET_H
#define ETS144_API_ABOUT_ASSET_H

#include "http/message/encoding.h"
#include "http/message/exchange.h"

struct asset_form {
    const char *bytes; /* NULL: this form would not be smaller */
    size_t length;
};

struct asset {
    const char *file; /* docs.js; NULL ends the table */
    const char *name; /* docs.0123456789abcdef.js */
    const char *content_type;
    const char *tag; /* strong, of the bytes without a coding */
    struct asset_form forms[ENCODING_COUNT];
};

/* Made by embed_assets.sh from openapi/docs. */
extern const struct asset assets[];

/* The name under which a file is served; the table has it. */
const char *asset_name(const char *file);
/* Answers with the asset of that name; false: there is none. */
bool asset_reply(struct exchange *exchange, const char *name);

#endif
