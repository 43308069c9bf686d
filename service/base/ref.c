#include "base/ref.h"

#include <stddef.h>

void ref_init(struct ref *ref, void (*destroy)(struct ref *ref))
{
    atomic_init(&ref->holders, 1);
    ref->destroy = destroy;
}

void *ref_get(struct ref *ref)
{
    (void)atomic_fetch_add_explicit(&ref->holders, 1, memory_order_relaxed);
    return ref;
}

void ref_put(struct ref *ref)
{
    if (ref != NULL && atomic_fetch_sub_explicit(&ref->holders, 1, memory_order_acq_rel) == 1) {
        ref->destroy(ref);
    }
}
