/* What all handlers share; nothing of the register is kept in it. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "store/store.h"

#include <stdatomic.h>

struct shared {
    struct store *store;
    atomic_bool stopping; /* SIGTERM was heard: not ready any more */
};

#endif
