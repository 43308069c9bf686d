/* What the targets share: inputs as texts, exchanges without a socket, and the application without
 * a database.
 *
 * A target is a C file with LLVMFuzzerTestOneInput, the entry point of libFuzzer, AFL++ and
 * Honggfuzz. It stops the process if what it tests breaks a promise of its header. */
#ifndef ETS144_FUZZ_H
#define ETS144_FUZZ_H

#include "http/message/application.h"
#include "http/message/exchange.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Stops the process, with the sentence, if it is false. */
void fuzz_require(bool true_always, const char *sentence);

/* The input as lines, each in memory of its own, so that a sanitizer sees a read beyond its end; a
 * NUL ends a line early, as it does in a header. Caller closes. */
enum { FUZZ_LINES = 16 };
struct fuzz_lines {
    char *rows[FUZZ_LINES]; /* "" beyond the last line */
    size_t used;            /* bytes of the input, with the line breaks */
};
struct fuzz_lines fuzz_lines_open(const uint8_t *bytes, size_t size, int most);
void fuzz_lines_close(struct fuzz_lines *lines);

/* A GET of this address, as http/server/access_handler.c begins it; both texts are borrowed. Caller
 * ends it with exchange_end. */
struct exchange fuzz_exchange(const char *method, const char *address);

/* The application with the routes of the service, of which every token is good, and a database that
 * does not answer. Made at the first call. */
const struct application *fuzz_application(void);

/* Checks what is promised of each response: a status that is no fault of the service, headers of
 * one line, problem documents in JSON, at most MAX_FILE_FAULTS faults. */
void fuzz_check_response(const struct exchange *exchange);

#endif
