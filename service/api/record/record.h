/* Records: what the secretariat enters, corrects and voids. A kind of record is a row of statements
 * and words; reading one and writing one are then the same code for all.
 *
 * Each write is one transaction: the key is claimed, the condition checked under the register's
 * lock, the write made, the answer read back, and only then committed. A dry run does the very same
 * and rolls back, so that what it tells is what recording would do. */
#ifndef ETS144_API_RECORD_RECORD_H
#define ETS144_API_RECORD_RECORD_H

#include "api/format/jsonld.h"
#include "api/format/link.h"
#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

struct record_kind {
    const char *member;           /* its name in the answer to a write */
    const char *collection;       /* /v1/actions */
    const struct statement *read; /* one, by the value `reference` */
    const struct statement *create;
    const struct statement *correct;
    const struct statement *void_record;
    const struct link *links;
    const struct jsonld_type *jsonld; /* NULL: it is not offered as JSON-LD */
    bool (*is_reference)(const char *text);
    bool in_capitals;   /* its references are */
    bool internal;      /* who writes it may see what is internal */
    bool with_state;    /* a write's answer shows the State, too */
    bool is_file;       /* what is written is a file: it may take its time */
    bool etag_of_whole; /* the answer to a write is what its address shows, too */
    enum message missing;
};

/* GET of one, as it stood at the moment asked for. */
void record_show(struct exchange *exchange, const struct record_kind *kind);
/* Answers as the write did that brought the register from the value revision_before to revision. */
bool record_reply(struct exchange *exchange, struct session *session,
                  const struct record_kind *kind, int status);
/* POST, PUT and DELETE. */
void record_create(struct exchange *exchange, const struct record_kind *kind);
void record_correct(struct exchange *exchange, const struct record_kind *kind);
void record_void(struct exchange *exchange, const struct record_kind *kind);

/* Sets the value `reference` in the register's spelling; false: it is none, and 404 is the reply.
 * Another spelling than the register's gets a Content-Location of the path before, the reference
 * and the path behind. */
bool record_take_reference(struct exchange *exchange, const struct record_kind *kind,
                           const char *behind);

#endif
