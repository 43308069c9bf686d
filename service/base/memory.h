/* An allocator that does not fail, and arenas.
 * Out of memory, the process aborts with a sentence: callers never check for NULL.
 * The memory of one request is in its arena, and is freed with it. */
#ifndef ETS144_BASE_MEMORY_H
#define ETS144_BASE_MEMORY_H

#include <stddef.h>

void *memory_allocate(size_t size);                 /* zeroed; caller frees with free() */
void *memory_reallocate(void *memory, size_t size); /* caller frees with free() */
char *memory_copy_text(const char *text);           /* caller frees with free() */

/* Makes Orcania (and so Ulfius), Jansson and libxml2 use this allocator. Once, before any thread
 * starts. */
void memory_install(void);

/* Returns free pages of malloc to the system: replaced responses fragment its heap. Locks each of
 * malloc's arenas meanwhile, so not for use while a request waits. */
void memory_give_back(void);

struct arena;
struct arena *arena_open(void);
void arena_close(struct arena *arena);
void *arena_allocate(struct arena *arena, size_t size); /* zeroed; lives as long as the arena */
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* adds the final NUL */
char *arena_copy_text(struct arena *arena, const char *text);            /* NULL stays NULL */
/* Concatenates the texts. */
char *arena_join(struct arena *arena, const char *const *texts, size_t count);
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
