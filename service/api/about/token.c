/* Who makes the request: the token or the person, with scopes and end. */
#include "api/handlers.h"
#include "render/json.h"

#include <time.h>

/* A moment as the register writes it. */
static json_t *time_json(json_int_t seconds)
{
    const time_t at = (time_t)seconds;
    struct tm parts;
    char text[sizeof "9999-12-31T23:59:59.000000Z"];
    (void)gmtime_r(&at, &parts);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000000Z", &parts);
    return json_string(text);
}

static json_t *machine_item(const struct exchange *exchange)
{
    const char *expires_at = exchange->caller.expires_at;
    json_t *item = json_pack("{s:s, s:s, s:n, s:n}", "kind", "machine", "name",
                             exchange->caller.name, "issuer", "subject");
    json_object_set_new(item, "scopes", json_loads(exchange->caller.scopes, 0, NULL));
    json_object_set_new(item, "expires_at",
                        expires_at != NULL ? json_string(render_time(exchange->arena, expires_at))
                                           : json_null());
    return item;
}

static json_t *person_item(const struct exchange *exchange)
{
    json_t *person = json_loads(exchange->caller.person, 0, NULL);
    json_t *item = json_pack(
        "{s:s, s:O, s:O, s:O, s:O}", "kind", "person", "name", json_object_get(person, "name"),
        "issuer", json_object_get(person, "issuer"), "subject", json_object_get(person, "subject"),
        "scopes", json_object_get(person, "scopes"));
    json_object_set_new(item, "expires_at",
                        time_json(json_integer_value(json_object_get(person, "expires_at"))));
    json_decref(person);
    return item;
}

void token_show(struct exchange *exchange)
{
    reply_json(exchange, 200,
               exchange->caller.person != NULL ? person_item(exchange) : machine_item(exchange));
}
