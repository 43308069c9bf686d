/* The access log: for each response one line, and one count in the metrics. */
#ifndef ETS144_HTTP_HANDLE_ACCESS_LOG_H
#define ETS144_HTTP_HANDLE_ACCESS_LOG_H

#include "http/handle/metrics.h"
#include "http/message/exchange.h"

/* A finished exchange. */
void access_log_exchange(const struct exchange *exchange, struct metrics *metrics);

/* A response of the fast path, which has no exchange. */
struct fast_response {
    const struct route *route;
    const char *method;
    const char *address; /* with the query, which is not logged */
    int status;
    long long duration_us;
    struct client client;
};
void access_log_fast(const struct fast_response *response, struct metrics *metrics);

#endif
