/* Problem documents (RFC 9457): every fault of a request in one answer.
 *
 * A reader of requests adds each fault it finds with fault_add, goes on looking, and in the end
 * answers once with problem_reply. The types of the protocol are the table in problem.def; a
 * broken rule of the Convention brings its own type from the law (problem_reply_as). */
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
/* NULL: the protocol has no such type. */
const struct problem_kind *problem_kind_by_slug(const char *slug);

/* Where a fault is: "pointer" (RFC 6901, into the body), "parameter", "header", or "column" of a
 * file. */
enum fault_place { FAULT_POINTER, FAULT_PARAMETER, FAULT_HEADER, FAULT_COLUMN };

/* Adds to errors[]; type may be NULL. All texts are copied. While exchange->line is set the fault
 * is one of that line, a pointer becomes the name of the column that it means, and beyond
 * MAX_FAULTS faults are only counted. */
enum { MAX_FAULTS = 1000 };
void fault_add(struct exchange *exchange, enum fault_place place, const char *where,
               const char *type, const char *detail);
bool fault_found(const struct exchange *exchange);
/* Puts errors[] in the order of their lines, those without one first, and keeps MAX_FAULTS. */
void faults_sort(struct exchange *exchange);

/* Answers with the type's title and status. detail NULL: the one fault's own, or their number. */
void problem_reply(struct exchange *exchange, enum problem_type type, const char *detail);
/* The same for a type from elsewhere. */
void problem_reply_as(struct exchange *exchange, const char *slug, int status, const char *title,
                      const char *detail);

#endif
