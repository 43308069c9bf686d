/* What all handlers share. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "store/listener.h"
#include "store/store.h"
#include "webhook/guard.h"

#include <stdatomic.h>

struct shared {
    struct store *store;
    struct listener *listener;
    struct guard guard;   /* which addresses a webhook may have */
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
