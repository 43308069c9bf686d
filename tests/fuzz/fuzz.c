#include "fuzz.h"

#include "api/routes.h"
#include "base/log.h"
#include "base/syntax.h"
#include "context.h"
#include "http/cache/response_cache.h"
#include "http/handle/metrics.h"
#include "http/message/problem.h"
#include "http/message/request_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_require(bool true_always, const char *sentence)
{
    if (!true_always) {
        (void)fprintf(stderr, "broken promise: %s\n", sentence);
        abort();
    }
}

static char *text_of(const uint8_t *bytes, size_t length)
{
    char *text = memory_allocate(length + 1);
    memcpy(text, bytes, length);
    return memory_reallocate(text, strlen(text) + 1);
}

struct fuzz_lines fuzz_lines_open(const uint8_t *bytes, size_t size, int most)
{
    struct fuzz_lines lines = {.used = 0};
    for (int i = 0; i < FUZZ_LINES; i++) {
        size_t left = i < most ? size - lines.used : 0;
        const uint8_t *at = left > 0 ? bytes + lines.used : (const uint8_t *)"";
        const uint8_t *feed = memchr(at, '\n', left);
        size_t length = feed != NULL ? (size_t)(feed - at) : left;
        lines.rows[i] = text_of(at, length);
        lines.used += length + (feed != NULL);
    }
    return lines;
}

void fuzz_lines_close(struct fuzz_lines *lines)
{
    for (int i = 0; i < FUZZ_LINES; i++) {
        free(lines->rows[i]);
    }
}

struct exchange fuzz_exchange(const char *method, const char *address)
{
    size_t length = strcspn(address, "?");
    struct exchange exchange = {.arena = arena_open(),
                                .context = fuzz_application()->context,
                                .request_id = "fuzz",
                                .method = method,
                                .address = address,
                                .query = address[length] == '?' ? address + length + 1 : "",
                                .canonical_query = ""};
    exchange.path = syntax_canonical_path(exchange.arena, address, length);
    return exchange;
}

static bool grant(struct exchange *exchange)
{
    exchange->caller = (struct caller){.name = "fuzz", .token_digest = "\\x00"};
    return true;
}

static long long no_revision(void *context)
{
    (void)context;
    return 1;
}

static void observe(void *context, long long revision)
{
    (void)context;
    (void)revision;
}

static long long await(void *context, long long revision, int milliseconds)
{
    (void)context;
    (void)revision;
    (void)milliseconds;
    return 1;
}

static struct pool *silent_pool(void)
{
    const struct database_settings settings = {.name = "primary",
                                               .url = "postgresql:///x?host=/nonexistent",
                                               .pool_size = 1,
                                               .checkout_timeout_ms = 1,
                                               .statement_timeout_ms = 1};
    return pool_open(&settings);
}

const struct application *fuzz_application(void)
{
    enum { ENTRIES = 100, BYTES = 1000000, BODY = 65536, ROWS = 100 };
    static struct context context;
    static struct application application;
    if (application.routes != NULL) {
        return &application;
    }
    memory_install();
    log_open(LOG_LEVEL_ERROR + 1);
    context = (struct context){.routes = routes,
                               .pool = silent_pool(),
                               .public_url = "",
                               .publisher = "x",
                               .contact = "",
                               .licence = "",
                               .security_contact = "",
                               .max_file_rows = ROWS,
                               .cache = response_cache_open(ENTRIES, BYTES),
                               .metrics = metrics_open(routes)};
    context.revisions = revisions_open("postgresql:///x?host=/nonexistent", context.pool, 1000);
    application = (struct application){.routes = routes,
                                       .context = &context,
                                       .authorize = grant,
                                       .cache = context.cache,
                                       .metrics = context.metrics,
                                       .max_body_bytes = BODY,
                                       .max_file_bytes = BODY,
                                       .licence = "",
                                       .page_policy = "",
                                       .newest_revision = no_revision,
                                       .observe_revision = observe,
                                       .await_revision = await};
    return &application;
}

void fuzz_check_response(const struct exchange *exchange)
{
    const struct response *reply = &exchange->response;
    fuzz_require(reply->status >= 200 && reply->status < 600 && reply->status != 500,
                 "no request is a fault of the service");
    for (int i = 0; i < reply->header_count; i++) {
        fuzz_require(strpbrk(reply->headers[i].text, "\r\n") == NULL, "a header is one line");
    }
    fuzz_require(json_array_size(exchange->faults) <= MAX_FILE_FAULTS, "errors[] is bounded");
    if (reply->content_type != NULL && strstr(reply->content_type, "json") != NULL &&
        reply->encoding == ENCODING_IDENTITY && strstr(reply->content_type, "ndjson") == NULL) {
        json_t *document = json_loadb(reply->bytes, reply->length, 0, NULL);
        fuzz_require(document != NULL || reply->length == 0, "a JSON response is JSON");
        json_decref(document);
    }
}
