/* The hosts of a connection URL. libpq tries them in order and gives each its own timeout; here the
 * host that served last is tried first, so that a host that is down costs its timeout once and not
 * with each connection. Inside store/ only; it belongs to one thread. */
#ifndef ETS144_STORE_HOSTS_H
#define ETS144_STORE_HOSTS_H

#include <libpq-fe.h>

struct hosts;

struct hosts *hosts_open(const char *url);
void hosts_close(struct hosts *hosts);

/* Connects or fails as PQconnectdbParams() does; the caller finishes. `name` is the
 * application_name unless the URL has one; `options` are settings of the session, which override
 * those of the URL; NULL: none. */
PGconn *hosts_connect(struct hosts *hosts, const char *name, const char *options);

#endif
