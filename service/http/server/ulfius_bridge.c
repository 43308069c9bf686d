#include "http/server/ulfius_bridge.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ulfius.h>

struct ulfius_bridge {
    struct _u_instance ulfius; /* first: MHD_start_daemon gets its address */
    MHD_AccessHandlerCallback access_handler;
    void *closure;
    MHD_AccessHandlerCallback ulfius_handler; /* NULL until MHD_start_daemon was called */
};

/* The exchange that this thread passes to Ulfius, which calls the endpoint within the same call and
 * has no argument to hand it over in. */
static _Thread_local struct exchange *passed;

/* Hands the response to Ulfius, which frees the body. */
static int endpoint(const struct _u_request *request, struct _u_response *response, void *closure)
{
    (void)request;
    (void)closure;
    struct response *finished = &passed->response;
    response->status = finished->status;
    response->binary_body_length = finished->length;
    if (finished->owned == NULL && finished->length > 0) {
        response->binary_body = memory_allocate(finished->length);
        memcpy(response->binary_body, finished->bytes, finished->length);
    } else {
        response->binary_body = finished->owned;
        finished->owned = NULL;
    }
    for (int i = 0; i < finished->header_count; i++) {
        if (finished->status != 304 || response_header_goes_with_304(finished->headers[i].name)) {
            (void)u_map_put(response->map_header, finished->headers[i].name,
                            finished->headers[i].text);
        }
    }
    return U_CALLBACK_COMPLETE;
}

/* Interposed (ulfius_bridge.h). `instance` is Ulfius' instance, the bridge's first member. */
struct MHD_Daemon *MHD_start_daemon(unsigned int flags, uint16_t port,
                                    MHD_AcceptPolicyCallback accept, void *accept_closure,
                                    MHD_AccessHandlerCallback handler, void *instance, ...)
{
    struct ulfius_bridge *bridge = instance;
    bridge->ulfius_handler = handler;
    va_list options;
    va_start(options, instance);
    struct MHD_Daemon *daemon = MHD_start_daemon_va(
        flags, port, accept, accept_closure, bridge->access_handler, bridge->closure, options);
    va_end(options);
    return daemon;
}

static bool start(struct ulfius_bridge *bridge, unsigned flags, struct MHD_OptionItem *options)
{
    if (ulfius_start_framework_with_mhd_options(&bridge->ulfius, flags, options) != U_OK) {
        (void)fputs("ets144: libmicrohttpd did not start the server.\n", stderr);
        return false;
    }
    if (bridge->ulfius_handler == NULL) {
        (void)fputs("ets144: libulfius did not call this program's MHD_start_daemon. It has to be "
                    "linked dynamically, and without -Bsymbolic or a preloaded library of that "
                    "name.\n",
                    stderr);
        (void)ulfius_stop_framework(&bridge->ulfius);
        return false;
    }
    return true;
}

struct ulfius_bridge *ulfius_bridge_start(MHD_AccessHandlerCallback access_handler, void *closure,
                                          unsigned flags, struct MHD_OptionItem *options)
{
    /* Ulfius requires a port; the daemon has no listening socket. */
    enum { ANY_PORT = 1 };
    struct ulfius_bridge *bridge = memory_allocate(sizeof *bridge);
    bridge->access_handler = access_handler;
    bridge->closure = closure;
    (void)ulfius_init_instance(&bridge->ulfius, ANY_PORT, NULL, NULL);
    bridge->ulfius.check_utf8 = 0;
    bridge->ulfius.allowed_post_processor = U_POST_PROCESS_NONE;
    (void)ulfius_set_default_endpoint(&bridge->ulfius, endpoint, NULL);
    if (!start(bridge, flags, options)) {
        ulfius_clean_instance(&bridge->ulfius);
        free(bridge);
        return NULL;
    }
    return bridge;
}

struct MHD_Daemon *ulfius_bridge_daemon(const struct ulfius_bridge *bridge)
{
    return bridge->ulfius.mhd_daemon;
}

void ulfius_bridge_stop(struct ulfius_bridge *bridge)
{
    if (bridge != NULL) {
        (void)ulfius_stop_framework(&bridge->ulfius);
        ulfius_clean_instance(&bridge->ulfius);
        free(bridge);
    }
}

/* Two calls: Ulfius reads the headers in the first, and takes the second, without a body, for the
 * end of the request. The body was read before and is not passed. */
enum MHD_Result ulfius_bridge_respond(struct ulfius_bridge *bridge,
                                      const struct mhd_request *request, struct exchange *exchange,
                                      void **state)
{
    *state = ulfius_uri_logger(NULL, exchange->address);
    enum MHD_Result result = *state != NULL ? MHD_YES : MHD_NO;
    passed = exchange;
    for (int call = 0; call < 2 && result == MHD_YES; call++) {
        size_t body_length = 0;
        result =
            bridge->ulfius_handler(&bridge->ulfius, request->connection, request->url,
                                   request->method, request->version, NULL, &body_length, state);
    }
    passed = NULL;
    return result;
}

void ulfius_bridge_forget(struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode reason)
{
    mhd_request_completed(NULL, connection, state, reason);
}
