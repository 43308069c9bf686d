#include "base/ref.h"

void ref_init(struct ref *thing, size_t size, void (*destroy)(struct ref *thing))
{
    atomic_init(&thing->holders, 1);
    thing->size = size;
    thing->destroy = destroy;
}

void *ref_get(struct ref *thing)
{
    (void)atomic_fetch_add_explicit(&thing->holders, 1, memory_order_relaxed);
    return thing;
}

void ref_put(struct ref *thing)
{
    if (thing != NULL && atomic_fetch_sub_explicit(&thing->holders, 1, memory_order_acq_rel) == 1) {
        thing->destroy(thing);
    }
}
