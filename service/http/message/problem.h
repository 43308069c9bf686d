/* Problem documents (RFC 9457): all faults of a request in one response.
 *
 * A parser adds each fault with fault_add, continues, and calls problem_reply once at the end. The
 * types of the protocol are the table in words/problem.def; the types of broken rules of the
 * Convention come from the database (problem_reply_as). */
#ifndef ETS144_HTTP_MESSAGE_PROBLEM_H
#define ETS144_HTTP_MESSAGE_PROBLEM_H

#include "http/message/exchange.h"

enum problem_type {
#define PROBLEM(name, slug, status, title_en, title_fr, meaning_en, meaning_fr) PROBLEM_##name,
#include "words/problem.def"
#undef PROBLEM
    PROBLEM_COUNT
};

struct problem_kind {
    const char *slug; /* the type is /problems/slug */
    int status;
    const char *title[LANGUAGE_COUNT];
    const char *meaning[LANGUAGE_COUNT];
};

const struct problem_kind *problem_kind(enum problem_type type);
/* NULL: the table has no type of that slug. */
const struct problem_kind *problem_kind_by_slug(const char *slug);

/* Where a fault is: "pointer" (RFC 6901, into the body), "parameter", "header", or "column" of a
 * file. */
enum fault_place { FAULT_POINTER, FAULT_PARAMETER, FAULT_HEADER, FAULT_COLUMN };

/* The length of errors[]: of a request, and of a file (while exchange->line is set). */
enum { MAX_REQUEST_FAULTS = 100, MAX_FILE_FAULTS = 1000 };
/* Whether errors[] has room for a further fault; a fault without room is counted here. Callers ask
 * before they make its texts: a client can make millions of faults. */
bool fault_reserve(struct exchange *exchange);
/* Adds to errors[]; type may be NULL. All texts are copied. While exchange->line is set, the fault
 * gets that line, and its pointer is replaced by the column's name. A fault that does not fit is
 * only counted. */
void fault_add(struct exchange *exchange, enum fault_place place, const char *where,
               const char *type, const char *detail);
bool fault_found(const struct exchange *exchange);
/* Sorts errors[] by line, faults without a line first, and truncates it to MAX_FILE_FAULTS. */
void faults_sort(struct exchange *exchange);

/* Responds with the type's title and status. detail NULL: the detail of a single fault, else the
 * number of faults. */
void problem_reply(struct exchange *exchange, enum problem_type type, const char *detail);
/* The same for a type that is not in the table. */
void problem_reply_as(struct exchange *exchange, const char *slug, int status, const char *title,
                      const char *detail);

#endif
