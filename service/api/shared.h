/* What all handlers share. */
#ifndef ETS144_API_SHARED_H
#define ETS144_API_SHARED_H

#include "store/listener.h"
#include "store/store.h"

#include <stdatomic.h>

struct shared {
    struct store *store;
    struct listener *listener;
    const char *public_url;       /* without a final slash; "": not known */
    const char *publisher;        /* of the data */
    const char *contact;          /* about the data, a URI; "": none */
    const char *licence;          /* of the data, a URI; "": none is named */
    const char *security_contact; /* "": none */
    atomic_bool stopping;         /* SIGTERM was heard: not ready any more */
};

#endif
