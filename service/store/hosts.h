/* The hosts of a connection URL. libpq tries them in turn and gives each a time of its own; here
 * the one that served last is tried first, so that a host that is gone costs that time once and not
 * with each connection. Inside store/ only; it belongs to one thread. */
#ifndef ETS144_STORE_HOSTS_H
#define ETS144_STORE_HOSTS_H

#include <libpq-fe.h>

struct hosts;

struct hosts *hosts_open(const char *url);
void hosts_close(struct hosts *hosts);

/* Connects, or fails, as PQconnectdbParams does; the caller finishes. `name` is what the database
 * calls this connection unless the URL says otherwise; `options` are the server's settings for the
 * session, whatever the URL says; NULL: as the URL has them. */
PGconn *hosts_connect(struct hosts *hosts, const char *name, const char *options);

#endif
