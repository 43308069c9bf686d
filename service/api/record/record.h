/* Records, which the secretariat creates, corrects and voids. A kind of record is a row of
 * statements and words; the code that reads and writes is the same for all kinds. A write of a
 * record is a changeset of one operation.
 *
 * A write is one transaction: the idempotency key is claimed, the condition checked under the
 * register's lock, the write made, the response read back, then all is committed. A dry run does
 * the same and rolls back, so that its response is the one that the write would have. */
#ifndef ETS144_API_RECORD_RECORD_H
#define ETS144_API_RECORD_RECORD_H

#include "api/format/jsonld.h"
#include "api/format/link.h"
#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* A record has a type; of what is sent as a whole the kind has a statement. */
struct record_kind {
    const char *type;                 /* of an operation of a changeset; or NULL */
    const struct statement *create;   /* what POST runs; or NULL */
    const char *member;               /* its name in the response to a write */
    const char *collection;           /* /v1/actions */
    const char *behind;               /* what follows the reference in its address; NULL: nothing */
    const struct statement *read;     /* by the argument `reference` */
    const struct statement *versions; /* NULL: not offered */
    const struct link *links;
    const struct jsonld_type *jsonld; /* NULL: not offered as JSON-LD */
    bool (*is_reference)(const char *text);
    bool in_capitals;          /* references are in capitals */
    const char *internal_type; /* its type among those that may be internal; NULL: all is public */
    bool internal_unless_said; /* a document without a visibility is internal */
    bool with_state;           /* the response to a write shows the State, too */
    bool is_file;              /* the write is of a file, with the timeout of an import */
    bool reverts;              /* undoes the changeset of the argument `reference` */
    bool approves;             /* is the agreement of a second person itself */
    bool etag_of_whole; /* the response to a write has the representation of the record's URL */
    enum message missing;
};

/* Whether a document is of an internal record. NULL: there is no document. */
bool record_is_internal(const json_t *document, bool unless_said);

/* GET of a record at the requested moment. */
void record_show(struct exchange *exchange, const struct record_kind *kind);
/* GET of the versions of a record that were known at the moment, oldest first. */
void record_show_versions(struct exchange *exchange, const struct record_kind *kind);
/* Responds as the write that brought the register from the argument revision_before to revision. */
bool record_reply(struct exchange *exchange, struct session *session,
                  const struct record_kind *kind, int status);
/* POST, PUT and DELETE. */
void record_create(struct exchange *exchange, const struct record_kind *kind);
void record_correct(struct exchange *exchange, const struct record_kind *kind);
void record_void(struct exchange *exchange, const struct record_kind *kind);

/* Responds that there is no such record (404). */
void record_refuse_missing(struct exchange *exchange, const struct record_kind *kind);

/* Sets the argument `reference` in canonical spelling. False: it is malformed, and the response is
 * 404. If the client used another spelling, the response gets a Content-Location: the collection's
 * path, the reference, and `behind`. */
bool record_take_reference(struct exchange *exchange, const struct record_kind *kind,
                           const char *behind);

#endif
