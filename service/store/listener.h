/* The listener: one connection and thread that hears of each new revision (LISTEN), so that the
 * service knows the newest without asking.
 *
 * While it is cut off nothing is known, and it says so; connected again, it asks for the revision
 * first. The number never goes back. */
#ifndef ETS144_STORE_LISTENER_H
#define ETS144_STORE_LISTENER_H

struct listener;

struct listener *listener_open(const char *url);
void listener_close(struct listener *listener);

/* The newest revision heard of; -1 while cut off. Never blocks. */
long long listener_revision(const struct listener *listener);
/* Says that a revision was seen otherwise, by writing it or in an answer of the database. */
void listener_saw(struct listener *listener, long long revision);

#endif
