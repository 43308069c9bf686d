#include "api/about/asset.h"

#include "http/request/negotiation.h"

#include <string.h>

const char *asset_name(const char *file)
{
    const struct asset *asset = assets;
    while (strcmp(asset->file, file) != 0) {
        asset++;
    }
    return asset->name;
}

static void reply(struct exchange *exchange, const struct asset *asset)
{
    enum encoding coding = negotiate_encoding(exchange_header(exchange, "Accept-Encoding"));
    if (asset->encoded[coding].bytes == NULL) {
        coding = ENCODING_IDENTITY;
    }
    const struct asset_bytes *encoded = &asset->encoded[coding];
    char *bytes = memory_allocate(encoded->length);
    memcpy(bytes, encoded->bytes, encoded->length);
    reply_bytes(exchange, 200, asset->content_type, bytes, encoded->length);
    char *tag = arena_allocate(exchange->arena, ENTITY_TAG_SIZE);
    encoding_tag(coding, asset->tag, tag);
    exchange->response.etag = tag;
    exchange->response.encoding = coding;
    reply_header(exchange, "Cache-Control", "public, max-age=31536000, immutable");
}

bool asset_reply(struct exchange *exchange, const char *name)
{
    for (const struct asset *asset = assets; asset->file != NULL; asset++) {
        if (strcmp(asset->name, name) == 0) {
            reply(exchange, asset);
            return true;
        }
    }
    return false;
}
