/* What all handlers share. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "store/listener.h"
#include "store/reader.h"
#include "store/store.h"

#include <stdatomic.h>

struct shared {
    struct store *store;
    struct reader *reader; /* NULL: the primary answers everything */
    struct listener *listener;
    long stale_limit; /* seconds for which answers may be given while nobody hears of newer ones */
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
