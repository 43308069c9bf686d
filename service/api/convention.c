#include "api/representation.h"
#include "api/resource.h"
#include "api/resources.h"
#include "http/format.h"
#include "render/render.h"
#include "statements.h"

/* What ELI says of a legal resource: since when it is in force, and whether it is. */
static void add_force(json_t *document)
{
    static const char *const force[] = {"http://data.europa.eu/eli/ontology#InForce-notInForce",
                                        "http://data.europa.eu/eli/ontology#InForce-inForce"};
    json_object_set(document, "first_in_force_on", json_object_get(document, "in_force_on"));
    json_object_set_new(document, "force",
                        json_string(force[json_is_true(json_object_get(document, "in_force"))]));
}

void convention_show(struct exchange *exchange)
{
    struct rows *rows = resource_one(exchange, &statement_convention, MESSAGE_NOT_KNOWN_THEN, NULL);
    if (rows == NULL) {
        return;
    }
    json_t *document = resource_envelope(exchange, NULL);
    json_t *row = render_row(exchange->arena, rows, 0, NULL);
    json_object_update(document, row);
    json_decref(row);
    rows_free(rows);
    if (format_is(exchange, "jsonld")) {
        add_force(document);
    }
    represent_item(exchange, &convention_graph, document);
}
