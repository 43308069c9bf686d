/* A reference count: the first member of an object that several hold. Safe for threads. */
#ifndef ETS144_BASE_REF_H
#define ETS144_BASE_REF_H

#include <stdatomic.h>

struct ref {
    atomic_int holders;
    void (*destroy)(struct ref *ref);
};

/* The caller holds the new object. */
void ref_init(struct ref *ref, void (*destroy)(struct ref *ref));
/* One holder more; returns the object. */
void *ref_get(struct ref *ref);
/* One holder less: the last one destroys the object. NULL is fine. */
void ref_put(struct ref *ref);

#endif
