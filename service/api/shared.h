/* What all handlers share. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "address.h"
#include "store/listener.h"
#include "store/store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct kept;
struct metrics;
struct tls;

struct shared {
    struct store *store;
    struct listener *listener;
    const char *public_url;       /* without a final slash; "": not known */
    const char *security_contact; /* "": none */
    struct address_ranges metrics_clients;
    bool plain_tokens; /* a token may come without TLS from anywhere */
    struct tls *tls;   /* NULL: plain HTTP */
    struct kept *kept;
    struct metrics *metrics;
    time_t started;
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
