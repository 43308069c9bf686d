/* What all handlers share. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "address.h"
#include "store/listener.h"
#include "store/reader.h"
#include "store/store.h"
#include "webhook/guard.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

struct kept;
struct metrics;
struct tls;

struct shared {
    struct store *store;
    struct reader *reader; /* NULL: the primary answers everything */
    struct listener *listener;
    const char *public_url;       /* without a final slash; "": not known */
    const char *publisher;        /* of the data */
    const char *contact;          /* about the data, a URI; "": none */
    const char *licence;          /* of the data, a URI; "": none is named */
    const char *security_contact; /* "": none */
    long max_file_rows;
    int import_timeout;    /* milliseconds for one statement */
    atomic_bool importing; /* a file is being imported here */
    struct address_ranges metrics_clients;
    bool plain_tokens; /* a token may come without TLS from anywhere */
    struct tls *tls;   /* NULL: plain HTTP */
    struct kept *kept;
    struct metrics *metrics;
    time_t started;
    struct guard guard; /* which addresses a webhook may have */
    long stale_limit; /* seconds for which answers may be given while nobody hears of newer ones */
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
