/* A reference count, the first member of what several hold. */
#ifndef ETS144_BASE_REF_H
#define ETS144_BASE_REF_H

#include <stdatomic.h>
#include <stddef.h>

/* The first member of what is kept. */
struct ref {
    atomic_int holders;
    size_t size; /* bytes that it counts for */
    void (*destroy)(struct ref *thing);
};

/* Begins with one holder: the caller. */
void ref_init(struct ref *thing, size_t size, void (*destroy)(struct ref *thing));
void *ref_get(struct ref *thing);
void ref_put(struct ref *thing); /* NULL is fine; the last holder destroys it */

#endif
