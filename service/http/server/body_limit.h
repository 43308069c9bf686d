/* What is taken in of a body, which is decided when the headers are read: nothing from someone who
 * may not ask, so that no bytes are held of what will be refused. */
#ifndef ETS144_HTTP_SERVER_BODY_LIMIT_H
#define ETS144_HTTP_SERVER_BODY_LIMIT_H

#include "http/message/application.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether it is beyond doubt where the request ends (RFC 9112 §6.3), and each header is what it
 * looks like: somebody on the way may read it otherwise, and take what follows for a request. */
bool intake_is_framed(struct MHD_Connection *connection);

/* In bytes: one more than the route takes, since what fills it is too long; 0 for who may not ask.
 * The refusal is the handler's to give. address: as sent. */
size_t intake_room(const struct application *application, long max_body_bytes, const char *address,
                   struct MHD_Connection *connection, const char *method);

#endif
