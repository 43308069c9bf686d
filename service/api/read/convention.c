#include "api/format/jsonld.h"
#include "api/handlers.h"
#include "api/query/database_read.h"
#include "auth/signing_key.h"
#include "context.h"
#include "http/request/media_type.h"
#include "render/row.h"
#include "statements.h"

/* ELI's eli:in_force and eli:first_date_entry_in_force. */
static void add_force(json_t *document)
{
    static const char *const force[] = {"http://data.europa.eu/eli/ontology#InForce-notInForce",
                                        "http://data.europa.eu/eli/ontology#InForce-inForce"};
    json_object_set(document, "first_in_force_on", json_object_get(document, "in_force_on"));
    json_object_set_new(document, "force",
                        json_string(force[json_is_true(json_object_get(document, "in_force"))]));
}

/* Signs `ets144 head NUMBER:DIGEST`, in ASCII. */
static void sign_head(struct exchange *exchange, json_t *head)
{
    const struct context *context = exchange->context;
    const char *signature = NULL;
    if (context->signing_key != NULL) {
        const char *text =
            arena_print(exchange->arena, "ets144 head %lld:%s",
                        (long long)json_integer_value(json_object_get(head, "revision")),
                        json_string_value(json_object_get(head, "digest")));
        signature = signing_key_sign(context->signing_key, exchange->arena, text);
    }
    json_object_set_new(head, "signature",
                        signature != NULL ? json_string(signature) : json_null());
}

void convention_show(struct exchange *exchange)
{
    struct rows *rows = read_one(exchange, &statement_convention, MESSAGE_NOT_KNOWN_THEN, NULL);
    if (rows == NULL) {
        return;
    }
    json_t *document = envelope_make(exchange);
    json_object_update_new(document, row_tree(exchange->arena, rows, 0, NULL));
    rows_free(rows);
    sign_head(exchange, json_object_get(document, "head"));
    if (media_type_is(exchange, "jsonld")) {
        add_force(document);
        jsonld_reply_item(exchange, &convention_jsonld, document);
    } else {
        reply_json(exchange, 200, document);
    }
}
