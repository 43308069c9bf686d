/* Memory: an allocator that does not fail, and arenas.
 * Out of memory stops the process with one sentence; nobody checks for NULL after these.
 * What belongs to one request lives in its arena and goes with it. */
#ifndef ETS144_BASE_MEMORY_H
#define ETS144_BASE_MEMORY_H

#include <stddef.h>

void *memory_allocate(size_t size);                 /* zeroed; caller frees with free() */
void *memory_reallocate(void *memory, size_t size); /* caller frees with free() */
char *memory_copy_text(const char *text);           /* caller frees with free() */

/* Makes Orcania (and so Ulfius), Jansson and libxml2 use the allocator above. Once, before any
 * thread. */
void memory_install(void);

/* Gives back to the system what malloc holds free: pages of its arenas that were cut up by answers
 * kept and replaced. Each arena is locked meanwhile, so not on the way of a request. */
void memory_give_back(void);

struct arena;
struct arena *arena_open(void);
void arena_close(struct arena *arena);
void *arena_allocate(struct arena *arena, size_t size); /* zeroed; lives as long as the arena */
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* adds the final NUL */
char *arena_copy_text(struct arena *arena, const char *text);            /* NULL stays NULL */
/* The texts one after the other, without anything between them. */
char *arena_join(struct arena *arena, const char *const *texts, size_t count);
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
