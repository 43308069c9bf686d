#include "http/kept.h"

#include "clock.h"
#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long a rendering is waited for, in milliseconds. */
enum { TURN = 1000 };

/* The bytes in one coding; body NULL: nobody asked for it yet. */
struct form {
    char *body;
    size_t length;
};

/* An answer stands in the chain of its bucket and in the order of use, most recent first. */
struct entry {
    struct entry *next_in_bucket;
    struct entry *newer;
    struct entry *older;
    uint64_t hash;
    char *key;
    char *link;                /* the answer's; NULL: none */
    struct kept_answer answer; /* without body, length and form */
    struct form forms[ENCODING_COUNT];
    long long rendered_at; /* clock_milliseconds */
};

struct kept {
    pthread_mutex_t lock;
    size_t most_answers;
    size_t most_bytes;
    size_t count;
    size_t bytes;
    struct entry *newest;
    struct entry *oldest;
    struct kept_turn *turns; /* answers that are being rendered */
    pthread_cond_t turn_ended;
    size_t bucket_count;
    struct entry *buckets[];
};

/* FNV-1a, 64 bits. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037U;
    for (const unsigned char *at = (const unsigned char *)key; *at != '\0'; at++) {
        hash = (hash ^ *at) * 1099511628211U;
    }
    return hash;
}

static size_t size_of(const struct entry *entry)
{
    size_t size = sizeof *entry + strlen(entry->key) + 1;
    size += entry->link != NULL ? strlen(entry->link) + 1 : 0;
    for (int i = 0; i < ENCODING_COUNT; i++) {
        size += entry->forms[i].length;
    }
    return size;
}

struct kept *kept_open(size_t most_answers, size_t most_bytes)
{
    size_t bucket_count = most_answers > 0 ? most_answers : 1;
    struct kept *kept = memory_allocate(sizeof *kept + bucket_count * sizeof(struct entry *));
    kept->most_answers = most_answers;
    kept->most_bytes = most_bytes;
    kept->bucket_count = bucket_count;
    (void)pthread_mutex_init(&kept->lock, NULL);
    clock_condition(&kept->turn_ended);
    return kept;
}

static void order_remove(struct kept *kept, struct entry *entry)
{
    if (entry->newer != NULL) {
        entry->newer->older = entry->older;
    } else {
        kept->newest = entry->older;
    }
    if (entry->older != NULL) {
        entry->older->newer = entry->newer;
    } else {
        kept->oldest = entry->newer;
    }
    entry->newer = NULL;
    entry->older = NULL;
}

static void order_put_first(struct kept *kept, struct entry *entry)
{
    entry->older = kept->newest;
    if (kept->newest != NULL) {
        kept->newest->newer = entry;
    } else {
        kept->oldest = entry;
    }
    kept->newest = entry;
}

static struct entry **place_of(struct kept *kept, const char *key, uint64_t hash)
{
    struct entry **place = &kept->buckets[hash % kept->bucket_count];
    while (*place != NULL && ((*place)->hash != hash || strcmp((*place)->key, key) != 0)) {
        place = &(*place)->next_in_bucket;
    }
    return place;
}

/* Takes an entry out; the caller frees it. */
static struct entry *forget(struct kept *kept, struct entry *entry)
{
    struct entry **place = place_of(kept, entry->key, entry->hash);
    *place = entry->next_in_bucket;
    order_remove(kept, entry);
    kept->count--;
    kept->bytes -= size_of(entry);
    return entry;
}

static void entry_free(struct entry *entry)
{
    for (int i = 0; i < ENCODING_COUNT; i++) {
        free(entry->forms[i].body);
    }
    free(entry->link);
    free(entry->key);
    free(entry);
}

void kept_close(struct kept *kept)
{
    if (kept == NULL) {
        return;
    }
    while (kept->oldest != NULL) {
        entry_free(forget(kept, kept->oldest));
    }
    (void)pthread_cond_destroy(&kept->turn_ended);
    (void)pthread_mutex_destroy(&kept->lock);
    free(kept);
}

static char *copy_bytes(const char *bytes, size_t length)
{
    char *copy = memory_allocate(length);
    memcpy(copy, bytes, length);
    return copy;
}

static bool find(struct kept *kept, const char *key, enum encoding wanted, bool with_bytes,
                 struct arena *arena, struct kept_answer *answer)
{
    uint64_t hash = hash_of(key);
    (void)pthread_mutex_lock(&kept->lock);
    struct entry *entry = *place_of(kept, key, hash);
    if (entry != NULL) {
        order_remove(kept, entry);
        order_put_first(kept, entry);
        *answer = entry->answer;
        answer->encoding = entry->forms[wanted].body != NULL ? wanted : ENCODING_IDENTITY;
        const struct form *form = &entry->forms[answer->encoding];
        answer->body = with_bytes ? copy_bytes(form->body, form->length) : NULL;
        answer->length = form->length;
        answer->link = entry->link != NULL ? arena_copy_text(arena, entry->link) : NULL;
        answer->age = (long)(clock_milliseconds() - entry->rendered_at) / 1000;
    }
    (void)pthread_mutex_unlock(&kept->lock);
    return entry != NULL;
}

bool kept_find(struct kept *kept, const char *key, enum encoding wanted, struct arena *arena,
               struct kept_answer *answer)
{
    return find(kept, key, wanted, true, arena, answer);
}

bool kept_look(struct kept *kept, const char *key, enum encoding wanted, struct arena *arena,
               struct kept_answer *answer)
{
    return find(kept, key, wanted, false, arena, answer);
}

/* Forgets what was asked for longest ago until so many bytes more have room. */
static void make_room(struct kept *kept, size_t bytes)
{
    while (kept->oldest != NULL &&
           (kept->count >= kept->most_answers || kept->bytes + bytes > kept->most_bytes)) {
        /* forget makes another the oldest; the analyzer does not follow the order that far.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        entry_free(forget(kept, kept->oldest));
    }
}

static void put(struct kept *kept, struct entry *entry)
{
    struct entry **bucket = &kept->buckets[entry->hash % kept->bucket_count];
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    order_put_first(kept, entry);
    kept->count++;
    kept->bytes += size_of(entry);
}

void kept_store(struct kept *kept, const char *key, struct kept_answer *answer)
{
    struct entry *entry = memory_allocate(sizeof *entry);
    entry->hash = hash_of(key);
    entry->key = memory_copy_text(key);
    entry->link = answer->link != NULL ? memory_copy_text(answer->link) : NULL;
    entry->forms[ENCODING_IDENTITY] =
        (struct form){.body = copy_bytes(answer->body, answer->length), .length = answer->length};
    entry->rendered_at = clock_milliseconds();
    struct entry *dropped = entry;

    (void)pthread_mutex_lock(&kept->lock);
    struct entry *present = *place_of(kept, key, entry->hash);
    if (present != NULL && strcmp(present->answer.etag, answer->etag) == 0) {
        answer->modified = present->answer.modified;
    }
    entry->answer = *answer;
    bool newer_there = present != NULL && present->answer.revision > answer->revision;
    if (!newer_there && size_of(entry) <= kept->most_bytes && kept->most_answers > 0) {
        dropped = present != NULL ? forget(kept, present) : NULL;
        make_room(kept, size_of(entry));
        put(kept, entry);
    }
    (void)pthread_mutex_unlock(&kept->lock);
    if (dropped != NULL) {
        entry_free(dropped);
    }
}

void kept_add_form(struct kept *kept, const char *key, const struct kept_answer *form)
{
    (void)pthread_mutex_lock(&kept->lock);
    struct entry *entry = *place_of(kept, key, hash_of(key));
    if (entry != NULL && entry->forms[form->encoding].body == NULL &&
        strcmp(entry->answer.etag, form->etag) == 0) {
        /* Taken out and put in again, so that its size is counted and room is made. */
        (void)forget(kept, entry);
        entry->forms[form->encoding] =
            (struct form){.body = copy_bytes(form->body, form->length), .length = form->length};
        make_room(kept, size_of(entry));
        put(kept, entry);
    }
    (void)pthread_mutex_unlock(&kept->lock);
}

static struct kept_turn **turn_of(struct kept *kept, const char *key)
{
    struct kept_turn **turn = &kept->turns;
    while (*turn != NULL && strcmp((*turn)->key, key) != 0) {
        turn = &(*turn)->next;
    }
    return turn;
}

bool kept_begin(struct kept *kept, struct kept_turn *turn)
{
    struct timespec deadline = clock_after(TURN);
    (void)pthread_mutex_lock(&kept->lock);
    bool waited = *turn_of(kept, turn->key) != NULL;
    int late = 0;
    while (late == 0 && *turn_of(kept, turn->key) != NULL) {
        late = pthread_cond_timedwait(&kept->turn_ended, &kept->lock, &deadline);
    }
    bool mine = !waited || late != 0;
    if (mine) {
        turn->next = kept->turns;
        kept->turns = turn;
    }
    (void)pthread_mutex_unlock(&kept->lock);
    return mine;
}

void kept_end(struct kept *kept, struct kept_turn *turn)
{
    (void)pthread_mutex_lock(&kept->lock);
    struct kept_turn **place = &kept->turns;
    while (*place != turn) {
        place = &(*place)->next;
    }
    *place = turn->next;
    (void)pthread_cond_broadcast(&kept->turn_ended);
    (void)pthread_mutex_unlock(&kept->lock);
}

size_t kept_count(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->lock);
    size_t count = kept->count;
    (void)pthread_mutex_unlock(&kept->lock);
    return count;
}

size_t kept_bytes(struct kept *kept)
{
    (void)pthread_mutex_lock(&kept->lock);
    size_t bytes = kept->bytes;
    (void)pthread_mutex_unlock(&kept->lock);
    return bytes;
}
