/* Runs a target once for each file, without a fuzzer: replay TARGET FILE...
 * The Makefile names the entry point of each target fuzz_NAME for this program. */
#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TARGET(name, longest) int fuzz_##name(const uint8_t *bytes, size_t size);
#include "targets.def"
#undef TARGET

static const struct {
    const char *name;
    int (*run)(const uint8_t *bytes, size_t size);
} targets[] = {
#define TARGET(name, longest) {#name, fuzz_##name},
#include "targets.def"
#undef TARGET
};

/* False: it cannot be read. */
static bool run_file(int (*run)(const uint8_t *bytes, size_t size), const char *path)
{
    enum { MAX_FILE = 1 << 20 };
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    uint8_t *bytes = memory_allocate(MAX_FILE);
    size_t size = fread(bytes, 1, MAX_FILE, file);
    (void)fclose(file);
    /* In memory of its own length, so that a sanitizer sees a read beyond its end. */
    bytes = memory_reallocate(bytes, size);
    (void)run(bytes, size);
    free(bytes);
    return true;
}

int main(int count, char **words)
{
    for (size_t i = 0; count > 1 && i < sizeof targets / sizeof targets[0]; i++) {
        if (strcmp(targets[i].name, words[1]) != 0) {
            continue;
        }
        for (int file = 2; file < count; file++) {
            if (!run_file(targets[i].run, words[file])) {
                (void)fprintf(stderr, "%s cannot be read\n", words[file]);
                return 1;
            }
        }
        return 0;
    }
    (void)fputs("replay TARGET FILE...\n", stderr);
    return 2;
}
