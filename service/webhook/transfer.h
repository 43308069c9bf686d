/* Transfers: POST requests to receivers, many at once in one thread, by libcurl.
 *
 * The guard checks each address that is connected to; redirects are not followed. The time of a
 * transfer and the size of the response are limited. */
#ifndef ETS144_WEBHOOK_TRANSFER_H
#define ETS144_WEBHOOK_TRANSFER_H

#include "base/memory.h"
#include "webhook/url_guard.h"

#include <stdbool.h>

struct transfer_settings {
    struct url_guard guard;
    int concurrency;     /* transfers at once */
    int timeout_ms;      /* of a transfer, from the name's resolution to the response's end */
    const char *ca_file; /* PEM file of the only certificates that are trusted */
};

/* Bytes of a response that are accepted, and those of its body that are recorded. */
enum { MAX_RESPONSE_BYTES = 65536, MAX_RESPONSE_HEAD_BYTES = 16384, EXCERPT_BYTES = 1024 };
/* An attempt's number; and an excerpt after utf8_mend(), which may triple it. */
enum { ATTEMPT_SIZE = 24, EXCERPT_SIZE = 3 * EXCERPT_BYTES + 1 };

struct delivery {
    const char *attempt; /* its number in the register */
    const char *id;      /* the same for each attempt */
    const char *url;
    const char *secret;
    const char *previous_secret; /* NULL: no longer valid */
    const char *traceparent;     /* NULL: no trace to continue */
    const char *body;
};

struct transfer_result {
    char attempt[ATTEMPT_SIZE];
    const char *error; /* NULL: delivered, with 2xx and a complete response; else a word of the
                        * contract */
    const char *cause; /* the same for operators, who are told why nothing was reached */
    bool reached;      /* whether a connection was made */
    int status;        /* of the response; 0: none */
    long duration_ms;
    char response[EXCERPT_SIZE]; /* its body's beginning, as UTF-8 */
};

struct transfers;

/* The strings of the settings are borrowed until transfers_close(). */
struct transfers *transfers_open(const struct transfer_settings *settings);
void transfers_close(struct transfers *transfers); /* aborts what is under way */

int transfers_room(const struct transfers *transfers); /* how many may be begun now */
/* How many there are, under way or ended; and their attempts, separated by commas. */
int transfers_count(const struct transfers *transfers);
const char *transfers_attempts(const struct transfers *transfers, struct arena *arena);
/* There must be room. The delivery is copied. */
void transfers_begin(struct transfers *transfers, const struct delivery *delivery);
/* Sends and receives for at most so many milliseconds, or until the descriptor is readable. */
void transfers_poll(struct transfers *transfers, int descriptor, int milliseconds);
/* A transfer that has ended, or NULL. It takes room until transfers_release(). */
const struct transfer_result *transfers_ended(const struct transfers *transfers);
void transfers_release(struct transfers *transfers, const struct transfer_result *result);

#endif
