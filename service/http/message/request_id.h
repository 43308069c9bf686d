/* Request ids: the client's own if it is well-formed, else a UUID of version 7 (RFC 9562). */
#ifndef ETS144_HTTP_MESSAGE_REQUEST_ID_H
#define ETS144_HTTP_MESSAGE_REQUEST_ID_H

#include "base/memory.h"

const char *request_id(struct arena *arena, const char *from_client);

#endif
