/* The door: client connections as they come and go. One of a client that has too many, or that
 * comes when the server is nearly full, is marked, and its request is answered so; with TLS, each
 * gets the certificate of the moment. */
#ifndef ETS144_HTTP_DOOR_H
#define ETS144_HTTP_DOOR_H

#include "http/client.h"
#include "http/crowd.h"
#include "http/metrics.h"
#include "http/tls.h"

#include <microhttpd.h>

/* Borrows all of it. */
struct door {
    struct crowd *crowd;
    struct metrics *metrics;
    const struct trust *trust; /* a proxy's connections are not those of one client */
    struct tls *tls;           /* NULL: plain HTTP */
};

/* For MHD_OPTION_NOTIFY_CONNECTION, with the door as closure. */
void door_changed(void *closure, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode code);
/* Whether the connection came at a bad time. */
enum crowding door_crowding(struct MHD_Connection *connection);
/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 door_present_certificate;

#endif
