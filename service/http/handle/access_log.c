#include "http/handle/access_log.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/request/route.h"

#include <string.h>

/* A field that the line omits if it has no value. */
static struct log_field optional(const char *name, const char *text)
{
    return text != NULL && text[0] != '\0' ? log_text(name, text)
                                           : (struct log_field){.name = NULL};
}

static void write_client(const struct client *client, char text[ADDRESS_TEXT_SIZE])
{
    text[0] = '\0';
    if (client->known) {
        address_write(&client->address, text);
    }
}

static void log_exchange(const struct exchange *exchange, long long duration_us)
{
    static const char *const results[CACHE_RESULTS] = {NULL, "hit", "miss", "stale"};
    char client[ADDRESS_TEXT_SIZE];
    write_client(&exchange->client, client);
    log_event(
        LOG_LEVEL_INFO, "request", log_text("request_id", exchange->request_id),
        log_text("method", exchange->method),
        log_text("route", exchange->route != NULL ? exchange->route->path : ""),
        log_text("path", exchange->path), log_number("status", exchange->response.status),
        log_number("duration_us", duration_us), log_number("database_us", exchange->database_us),
        optional("cache", results[exchange->cache_result]),
        log_text("caller", exchange->caller.name), optional("client", client),
        optional("trace_id", exchange->trace.id), optional("parent_id", exchange->trace.parent));
}

void access_log_exchange(const struct exchange *exchange, struct metrics *metrics)
{
    long long duration_us = clock_microseconds() - exchange->started;
    metrics_request(metrics, exchange->route, exchange->method, exchange->response.status,
                    duration_us);
    metrics_cache(metrics, exchange->cache_result);
    if (log_is_on(LOG_LEVEL_INFO)) {
        log_exchange(exchange, duration_us);
    }
}

/* The address without its query, as far as it fits. */
static void write_path(const char *address, char *path, size_t size)
{
    size_t length = strcspn(address, "?");
    length = length < size ? length : size - 1;
    memcpy(path, address, length);
    path[length] = '\0';
}

void access_log_fast(const struct fast_response *response, struct metrics *metrics)
{
    metrics_request(metrics, response->route, response->method, response->status,
                    response->duration_us);
    metrics_cache(metrics, CACHE_HIT);
    if (!log_is_on(LOG_LEVEL_INFO)) {
        return;
    }
    char client[ADDRESS_TEXT_SIZE];
    char path[1024];
    write_client(&response->client, client);
    write_path(response->address, path, sizeof path);
    log_event(LOG_LEVEL_INFO, "request", log_text("method", response->method),
              log_text("route", response->route->path), log_text("path", path),
              log_number("status", response->status),
              log_number("duration_us", response->duration_us), log_text("cache", "fast"),
              log_text("client", client));
}
