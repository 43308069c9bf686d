#include "http/kept.h"

#include "clock.h"
#include "http/entity_tag.h"
#include "memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a rendering is waited for, in milliseconds; and how long a key may be. */
enum { TURN = 1000, LONGEST_KEY = 5000 };

struct kept {
    struct shelf *answers;
    pthread_mutex_t lock;
    struct kept_turn *turns; /* answers that are being rendered */
    pthread_cond_t turn_ended;
};

static void answer_destroy(struct thing *thing)
{
    struct kept_answer *answer = (struct kept_answer *)(void *)thing;
    free(answer->texts);
    free(answer->body);
    free(answer);
}

static struct kept_answer *answer_begin(char *body, size_t length, const struct header *headers,
                                        int header_count)
{
    size_t size = sizeof(struct kept_answer) + (size_t)header_count * sizeof(struct header);
    struct kept_answer *answer = memory_allocate(size);
    answer->body = body;
    answer->length = length;
    answer->rendered_at = clock_milliseconds();
    size_t texts = 0;
    for (int i = 0; i < header_count; i++) {
        texts += strlen(headers[i].text) + 1;
    }
    answer->texts = memory_allocate(texts);
    char *at = answer->texts;
    for (int i = 0; i < header_count; i++) {
        answer->headers[i] = (struct header){.name = headers[i].name, .text = at};
        at = stpcpy(at, headers[i].text) + 1;
    }
    answer->header_count = header_count;
    thing_begin(&answer->thing, size + texts + length, answer_destroy);
    return answer;
}

struct kept_answer *kept_answer_make(struct reply *reply, const char *known_at,
                                     const struct basis *basis)
{
    struct kept_answer *answer =
        answer_begin(reply->body, reply->length, reply->headers, reply->header_count);
    reply->body = NULL;
    reply->length = 0;
    answer->content_type = reply->content_type;
    (void)snprintf(answer->known_at, sizeof answer->known_at, "%s",
                   known_at != NULL ? known_at : "");
    answer->modified = form_seconds(answer->known_at);
    answer->basis = *basis;
    entity_tag_make(answer->body, answer->length, answer->plain_tag);
    memcpy(answer->tag, answer->plain_tag, sizeof answer->tag);
    return answer;
}

struct kept_answer *kept_answer_encode(const struct kept_answer *plain, enum encoding encoding)
{
    char *encoded = NULL;
    size_t length = 0;
    if (encoding == ENCODING_IDENTITY || plain->length < ENCODING_LEAST ||
        !encoding_make(encoding, plain->body, plain->length, &encoded, &length)) {
        return NULL;
    }
    struct kept_answer *answer = answer_begin(memory_reallocate(encoded, length), length,
                                              plain->headers, plain->header_count);
    answer->encoding = encoding;
    answer->content_type = plain->content_type;
    memcpy(answer->known_at, plain->known_at, sizeof answer->known_at);
    answer->modified = plain->modified;
    answer->basis = plain->basis;
    answer->rendered_at = plain->rendered_at;
    memcpy(answer->plain_tag, plain->plain_tag, sizeof answer->plain_tag);
    encoding_tag(encoding, plain->plain_tag, answer->tag);
    return answer;
}

void kept_answer_release(struct kept_answer *answer)
{
    thing_release(answer != NULL ? &answer->thing : NULL);
}

bool kept_answer_is_fresh(const struct kept_answer *answer, long long revision, long long day)
{
    const struct basis *basis = &answer->basis;
    return basis->day == day && (basis->settled || (revision >= 0 && basis->revision == revision));
}

struct kept *kept_open(size_t most_answers, size_t most_bytes)
{
    struct kept *kept = memory_allocate(sizeof *kept);
    kept->answers = shelf_open(most_answers, most_bytes);
    (void)pthread_mutex_init(&kept->lock, NULL);
    clock_condition(&kept->turn_ended);
    return kept;
}

void kept_close(struct kept *kept)
{
    if (kept == NULL) {
        return;
    }
    shelf_close(kept->answers);
    (void)pthread_cond_destroy(&kept->turn_ended);
    (void)pthread_mutex_destroy(&kept->lock);
    free(kept);
}

/* Each coding of an answer stands under a name of its own; "" if the key is longer than any that
 * is kept. */
static const char *name_of(const char *key, enum encoding encoding, char name[LONGEST_KEY])
{
    int length = snprintf(name, LONGEST_KEY, "%d\n%s", (int)encoding, key);
    return length < LONGEST_KEY ? name : "";
}

struct kept_answer *kept_find(struct kept *kept, const char *key, enum encoding encoding)
{
    char name[LONGEST_KEY];
    return shelf_find(kept->answers, name_of(key, encoding, name));
}

static bool answer_may_replace(const struct thing *present, struct thing *thing)
{
    const struct kept_answer *older = (const struct kept_answer *)(const void *)present;
    struct kept_answer *newer = (struct kept_answer *)(void *)thing;
    if (older->basis.revision > newer->basis.revision) {
        return false;
    }
    /* With a revision between, the answer may have been another meanwhile. */
    bool next = newer->basis.revision <= older->basis.revision + 1;
    if (next && strcmp(older->tag, newer->tag) == 0) {
        newer->modified = older->modified;
    }
    return true;
}

void kept_store(struct kept *kept, const char *key, struct kept_answer *answer)
{
    char name[LONGEST_KEY];
    if (name_of(key, answer->encoding, name)[0] != '\0') {
        shelf_put(kept->answers, name, &answer->thing, answer_may_replace);
    }
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
    return shelf_count(kept->answers);
}

size_t kept_bytes(struct kept *kept)
{
    return shelf_bytes(kept->answers);
}
