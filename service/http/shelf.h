/* A shelf: what is worth keeping in memory, found by its name, bounded in number and bytes.
 *
 * What was asked for once stands in the back row; asked for again it moves to the front row, which
 * takes three quarters of the room. When room is needed, what was asked for longest ago goes, from
 * the back row first: a flood of names that are asked for once pushes out nothing but itself.
 * Things are never changed once they stand; a holder's thing lives until it is released. Safe for
 * threads. */
#ifndef ETS144_HTTP_SHELF_H
#define ETS144_HTTP_SHELF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* The first member of what is kept. */
struct thing {
    atomic_int holders;
    size_t size; /* bytes that it counts for */
    void (*destroy)(struct thing *thing);
};

/* Begins with one holder: the caller. */
void thing_begin(struct thing *thing, size_t size, void (*destroy)(struct thing *thing));
void *thing_hold(struct thing *thing);
void thing_release(struct thing *thing); /* NULL is fine; the last holder destroys it */

struct shelf;

struct shelf *shelf_open(size_t most_things, size_t most_bytes);
void shelf_close(struct shelf *shelf);

/* The thing of that name, held for the caller; NULL: none stands there. */
void *shelf_find(struct shelf *shelf, const char *name);

/* Puts a thing in the place of its name, held by the shelf. `may_replace` is asked under the lock
 * when one stands there; false leaves it. */
void shelf_put(struct shelf *shelf, const char *name, struct thing *thing,
               bool (*may_replace)(const struct thing *present, struct thing *thing));

size_t shelf_count(struct shelf *shelf);
size_t shelf_bytes(struct shelf *shelf);

#endif
