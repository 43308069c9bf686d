#include "api/query/moment.h"

#include "api/query/database_read.h"
#include "base/clock.h"
#include "context.h"
#include "statements.h"

#include <string.h>

/* Whether the moment is that of the newest revision, for every caller. */
static bool is_newest(const struct exchange *exchange)
{
    return exchange->moment.known_at == NULL && !exchange->caller.sees_internal;
}

static void remember(struct exchange *exchange, const struct moment *moment)
{
    struct newest_moment *newest = &((struct context *)exchange->context)->newest;
    if (moment->known_at != NULL && moment->revision != NULL &&
        strlen(moment->known_at) < sizeof newest->known_at &&
        strlen(moment->revision) < sizeof newest->revision) {
        (void)pthread_mutex_lock(&newest->lock);
        (void)stpcpy(newest->known_at, moment->known_at);
        (void)stpcpy(newest->revision, moment->revision);
        (void)pthread_mutex_unlock(&newest->lock);
    }
}

/* The moment that the database is expected to resolve. False: none is. */
static bool expect(struct exchange *exchange, struct moment *expected)
{
    struct newest_moment *newest = &((struct context *)exchange->context)->newest;
    struct arena *arena = exchange->arena;
    char *today = arena_allocate(arena, CLOCK_DAY_SIZE);
    clock_write_day(clock_utc_day(), today);
    const char *as_of = exchange->asked.as_of;
    (void)pthread_mutex_lock(&newest->lock);
    *expected = (struct moment){.as_of = as_of != NULL ? as_of : today,
                                .known_at = arena_copy_text(arena, newest->known_at),
                                .revision = arena_copy_text(arena, newest->revision)};
    (void)pthread_mutex_unlock(&newest->lock);
    return is_newest(exchange) && expected->known_at[0] != '\0';
}

void take_moment(struct exchange *exchange, const struct rows *rows, const char *prefix)
{
    struct arena *arena = exchange->arena;
    const char *names[] = {"as_of", "known_at", "revision"};
    const char *texts[sizeof names / sizeof names[0]];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *name = arena_print(arena, "%s%s", prefix, names[i]);
        texts[i] = arena_copy_text(arena, rows_named(rows, 0, name));
    }
    const struct moment moment = {
        .as_of = texts[0],
        .known_at = texts[1],
        .revision = texts[2],
        .projected = rows_true(rows, 0, arena_print(arena, "%sprojected", prefix))};
    if (is_newest(exchange)) {
        remember(exchange, &moment);
    }
    exchange->moment = moment;
}

bool resolve_moment(struct exchange *exchange, struct session *session)
{
    struct rows *rows = run_statement(exchange, session, &statement_moment);
    if (rows == NULL) {
        return false;
    }
    take_moment(exchange, rows, "");
    rows_free(rows);
    return true;
}

static void bind_all(struct exchange *exchange, struct store_item *items, int count,
                     enum default_day day)
{
    if (day == DAY_ANY) {
        exchange->moment.as_of = exchange->asked.as_of;
    }
    for (int i = 0; i < count; i++) {
        items[i] = bind_statement(exchange, items[i].statement);
    }
}

static bool is_same(const struct moment *moment, const struct moment *expected)
{
    return moment->as_of != NULL && moment->known_at != NULL && moment->revision != NULL &&
           strcmp(moment->as_of, expected->as_of) == 0 &&
           strcmp(moment->known_at, expected->known_at) == 0 &&
           strcmp(moment->revision, expected->revision) == 0;
}

/* Runs all in one round trip at the expected moment. *same false: the database resolved another,
 * which the exchange has now, and the items have no rows. */
static bool run_expecting(struct exchange *exchange, struct session *session,
                          struct store_item *items, int count, enum default_day day,
                          const struct moment *expected, bool *same)
{
    struct store_item all[MAX_STORE_ITEMS] = {bind_statement(exchange, &statement_moment)};
    const struct moment asked = exchange->moment;
    exchange->moment = *expected;
    bind_all(exchange, items, count, day);
    memcpy(all + 1, items, (size_t)count * sizeof *items);
    exchange->moment = asked;
    if (!run_statements(exchange, session, all, count + 1)) {
        return false;
    }
    take_moment(exchange, all[0].rows, "");
    rows_free(all[0].rows);
    *same = is_same(&exchange->moment, expected);
    for (int i = 0; i < count; i++) {
        items[i].rows = all[i + 1].rows;
        if (!*same) {
            rows_free(items[i].rows);
            items[i].rows = NULL;
        }
    }
    return true;
}

bool run_all_at_moment(struct exchange *exchange, struct session *session, struct store_item *items,
                       int count, enum default_day day)
{
    struct moment expected;
    bool same = false;
    bool resolved = expect(exchange, &expected)
                        ? run_expecting(exchange, session, items, count, day, &expected, &same)
                        : resolve_moment(exchange, session);
    if (!resolved) {
        return false;
    }
    bind_all(exchange, items, same ? 0 : count, day);
    return same || run_statements(exchange, session, items, count);
}

struct rows *run_at_moment(struct exchange *exchange, struct session *session,
                           const struct statement *statement, enum default_day day)
{
    struct store_item item = {.statement = statement};
    (void)run_all_at_moment(exchange, session, &item, 1, day);
    return item.rows;
}
