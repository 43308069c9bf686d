#include "base/memory.h"

#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xmlmemory.h>
#include <malloc.h>
#include <orcania.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An arena is a chain of blocks; a request nearly always needs only the first. */
enum { ARENA_BLOCK_SIZE = 8192, ARENA_ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(16) unsigned char bytes[];
};

struct arena {
    struct arena_block *newest;
};

static void *stop_if_null(void *memory)
{
    if (memory == NULL) {
        static const char sentence[] = "ets144: out of memory\n";
        (void)fwrite(sentence, 1, sizeof sentence - 1, stderr);
        abort();
    }
    return memory;
}

void *memory_allocate(size_t size)
{
    return stop_if_null(calloc(1, size > 0 ? size : 1));
}

void *memory_reallocate(void *memory, size_t size)
{
    return stop_if_null(realloc(memory, size > 0 ? size : 1));
}

char *memory_copy_text(const char *text)
{
    return stop_if_null(strdup(text));
}

static void *allocate_or_stop(size_t size)
{
    return stop_if_null(malloc(size > 0 ? size : 1));
}

void memory_install(void)
{
    o_set_alloc_funcs(allocate_or_stop, memory_reallocate, free);
    json_set_alloc_funcs(allocate_or_stop, free);
    (void)xmlMemSetup(free, allocate_or_stop, memory_reallocate, memory_copy_text);
    xmlInitParser();
}

void memory_give_back(void)
{
    (void)malloc_trim(0);
}

static struct arena_block *arena_add_block(struct arena *arena, size_t at_least)
{
    size_t size = at_least > ARENA_BLOCK_SIZE ? at_least : ARENA_BLOCK_SIZE;
    struct arena_block *block = allocate_or_stop(sizeof *block + size);
    block->next = arena->newest;
    block->used = 0;
    block->size = size;
    arena->newest = block;
    return block;
}

struct arena *arena_open(void)
{
    return memory_allocate(sizeof(struct arena));
}

void arena_close(struct arena *arena)
{
    if (arena == NULL) {
        return;
    }
    for (struct arena_block *block = arena->newest; block != NULL;) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

void *arena_allocate(struct arena *arena, size_t size)
{
    size_t needed = (size + ARENA_ALIGNMENT - 1) / ARENA_ALIGNMENT * ARENA_ALIGNMENT;
    struct arena_block *block = arena->newest;
    if (block == NULL || block->size - block->used < needed) {
        block = arena_add_block(arena, needed);
    }
    void *memory = block->bytes + block->used;
    block->used += needed;
    return memset(memory, 0, size);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_allocate(arena, length + 1);
    memcpy(copy, bytes, length);
    return copy;
}

char *arena_copy_text(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_copy(arena, text, strlen(text));
}

char *arena_join(struct arena *arena, const char *const *texts, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length += strlen(texts[i]);
    }
    char *joined = arena_allocate(arena, length + 1);
    char *at = joined;
    for (size_t i = 0; i < count; i++) {
        at = stpcpy(at, texts[i]);
    }
    return joined;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_allocate(arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
