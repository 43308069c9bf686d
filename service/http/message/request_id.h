/* Request ids: the client's own if it is well-formed, else a UUID of version 7 (RFC 9562). */
#ifndef ETS144_HTTP_MESSAGE_REQUEST_ID_H
#define ETS144_HTTP_MESSAGE_REQUEST_ID_H

#include "base/memory.h"

/* from_client: the header X-Request-Id, or NULL. The id is in the arena, or is from_client. */
const char *request_id(struct arena *arena, const char *from_client);

#endif
