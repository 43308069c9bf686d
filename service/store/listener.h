/* The listener: one connection and thread that hears of each new revision (LISTEN), so that the
 * service knows the newest without asking.
 *
 * While it is cut off nothing is known, and it says so; connected again, it asks for the revision
 * first. The number never goes back: a database that does not have what was known is another
 * history, from a standby that lacked the end of it or from a backup, and what was answered from
 * the first must not be mixed with it. Then the process is asked to end (SIGTERM). So it is when
 * the schema no longer serves this build; the connection says which schema it was built for, so
 * that no upgrade takes it away from under it. It also asks for a sign of life ten times a second:
 * when none comes within the patience (milliseconds), it halts the store, until the database
 * answers again.
 */
#ifndef ETS144_STORE_LISTENER_H
#define ETS144_STORE_LISTENER_H

#include "store/store.h"

struct listener;

struct listener *listener_open(const char *url, struct store *store, int patience);
void listener_close(struct listener *listener);

/* The newest revision heard of; -1 while cut off. Never blocks. */
long long listener_revision(const struct listener *listener);
/* The newest revision ever heard of, and for how many milliseconds nobody could hear of a newer
 * one. */
long long listener_newest(const struct listener *listener);
long long listener_deaf_for(const struct listener *listener);
/* The milliseconds since the database last said which it is: about a hundred while it answers. */
long long listener_silence(const struct listener *listener);
/* Whether the database turned out to have another history, or a schema that serves this build no
 * more. */
bool listener_is_unfit(const struct listener *listener);
/* Waits until a newer revision than this one is known, for at most so many milliseconds; the newest
 * known then, -1 while cut off. */
long long listener_wait(struct listener *listener, long long revision, int milliseconds);
/* Writes to an eventfd whenever a revision or anything else that is to be delivered may be new, and
 * when the listener is connected again. One at a time; -1: none any more. */
void listener_watch(struct listener *listener, int descriptor);
/* Says that a revision was seen otherwise, by writing it or in an answer of the database. */
void listener_saw(struct listener *listener, long long revision);

#endif
