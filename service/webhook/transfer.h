/* Transfers: messages on their way to receivers, many at once in one thread, by libcurl.
 *
 * A receiver gets one POST over a connection that the guard let through, and so much time; of its
 * answer only so much is read. It cannot send the request elsewhere. */
#ifndef ETS144_WEBHOOK_TRANSFER_H
#define ETS144_WEBHOOK_TRANSFER_H

#include "base/memory.h"
#include "webhook/url_guard.h"

#include <stdbool.h>

struct transfer_settings {
    struct url_guard guard;
    int most;    /* at once */
    int timeout; /* milliseconds for one, from the look-up of the name to the answer's end */
    const char *ca_file; /* the certificates that are trusted, and no others */
};

/* Bytes of an answer that are read, and that are kept as text; bytes of its head. */
enum { MAX_RESPONSE = 65536, ANSWER_KEPT = 1024, MAX_RESPONSE_HEAD = 16384 };
enum { ATTEMPT_SIZE = 24, ANSWER_SIZE = 3 * ANSWER_KEPT + 1 };

struct delivery {
    const char *attempt; /* the number under which the register knows this attempt */
    const char *id;      /* the same at every attempt */
    const char *url;
    const char *secret;
    const char *previous_secret; /* NULL: none signs any more */
    const char *traceparent;     /* NULL: there is none to pass on */
    const char *body;
};

/* What became of one. Delivered is what was answered with 2xx, in time, to the end. */
struct transfer_result {
    char attempt[ATTEMPT_SIZE];
    const char *error; /* NULL: delivered; else a word that says why not */
    int status;        /* of the answer; 0: none came */
    long duration;     /* milliseconds */
    char answer[ANSWER_SIZE];
};

struct transfers;

/* The strings of the settings are borrowed until transfers_close. */
struct transfers *transfers_open(const struct transfer_settings *settings);
void transfers_close(struct transfers *transfers); /* breaks off what is under way */

int transfers_room(const struct transfers *transfers); /* how many more fit */
/* How many are there, under way or ended; and their attempts, separated by commas. */
int transfers_count(const struct transfers *transfers);
const char *transfers_attempts(const struct transfers *transfers, struct arena *arena);
void transfers_begin(struct transfers *transfers, const struct delivery *delivery);
/* Moves them on, and waits for at most so many milliseconds, or until the descriptor is readable.
 */
void transfers_poll(struct transfers *transfers, int descriptor, int milliseconds);
/* One that has ended, NULL if none has. It is there, and takes its place, until it is forgotten. */
const struct transfer_result *transfers_ended(const struct transfers *transfers);
void transfers_release(struct transfers *transfers, const struct transfer_result *result);

#endif
