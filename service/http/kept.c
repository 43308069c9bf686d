#include "http/kept.h"

#include "memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An answer stands in the chain of its bucket and in the order of use, most recent first. */
struct entry {
    struct entry *next_in_bucket;
    struct entry *newer;
    struct entry *older;
    uint64_t hash;
    char *key;
    struct kept_answer answer;
    time_t rendered_at; /* monotonic seconds */
};

struct kept {
    pthread_mutex_t lock;
    size_t most_answers;
    size_t most_bytes;
    size_t count;
    size_t bytes;
    struct entry *newest;
    struct entry *oldest;
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

static time_t seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static size_t size_of(const struct entry *entry)
{
    return sizeof *entry + strlen(entry->key) + 1 + entry->answer.length;
}

struct kept *kept_open(size_t most_answers, size_t most_bytes)
{
    size_t bucket_count = most_answers > 0 ? most_answers : 1;
    struct kept *kept = memory_allocate(sizeof *kept + bucket_count * sizeof(struct entry *));
    kept->most_answers = most_answers;
    kept->most_bytes = most_bytes;
    kept->bucket_count = bucket_count;
    (void)pthread_mutex_init(&kept->lock, NULL);
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
    free(entry->answer.body);
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
    (void)pthread_mutex_destroy(&kept->lock);
    free(kept);
}

static char *copy_body(const struct kept_answer *answer)
{
    char *body = memory_allocate(answer->length);
    memcpy(body, answer->body, answer->length);
    return body;
}

bool kept_find(struct kept *kept, const char *key, struct kept_answer *answer)
{
    uint64_t hash = hash_of(key);
    (void)pthread_mutex_lock(&kept->lock);
    struct entry *entry = *place_of(kept, key, hash);
    if (entry != NULL) {
        order_remove(kept, entry);
        order_put_first(kept, entry);
        *answer = entry->answer;
        answer->body = copy_body(&entry->answer);
        answer->age = (long)(seconds_now() - entry->rendered_at);
    }
    (void)pthread_mutex_unlock(&kept->lock);
    return entry != NULL;
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

void kept_store(struct kept *kept, const char *key, const struct kept_answer *answer)
{
    struct entry *entry = memory_allocate(sizeof *entry);
    entry->hash = hash_of(key);
    entry->key = memory_copy_text(key);
    entry->answer = *answer;
    entry->answer.body = copy_body(answer);
    entry->rendered_at = seconds_now();
    struct entry *dropped = entry;

    (void)pthread_mutex_lock(&kept->lock);
    struct entry *present = *place_of(kept, key, entry->hash);
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
