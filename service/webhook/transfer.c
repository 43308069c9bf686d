#include "webhook/transfer.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "webhook/signature.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum transfer_state { TRANSFER_NONE, TRANSFER_UNDER_WAY, TRANSFER_ENDED };

struct transfer {
    const struct transfers *transfers;
    enum transfer_state state;
    CURL *easy; /* a new handle each time: libcurl's remember how the last connection failed */
    struct curl_slist *headers;
    bool refused;      /* the guard refused the address */
    bool too_large;    /* the response exceeds a limit */
    size_t head_bytes; /* of the response so far */
    size_t body_bytes;
    char excerpt[EXCERPT_BYTES]; /* the first bytes of the body */
    struct transfer_result result;
};

struct transfers {
    struct transfer_settings settings;
    char protocols[16];
    CURLM *multi;
    int under_way;
    int ended;
    struct transfer each[];
};

/* The contract's word for a receiver that no connection was made to, whatever the cause: different
 * words would tell the owner of a webhook which names and addresses there are inside the network.
 */
static const char not_reached[] = "not_reached";

/* The causes of an attempt's failure; any other code is connection_lost. */
static const struct {
    CURLcode code;
    const char *word;
} errors[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "name_not_resolved"},
    {CURLE_COULDNT_CONNECT, "connection_failed"},
    {CURLE_OPERATION_TIMEDOUT, "timed_out"},
    {CURLE_SSL_CONNECT_ERROR, "tls_failed"},
    {CURLE_PEER_FAILED_VERIFICATION, "tls_failed"},
    {CURLE_SSL_CACERT_BADFILE, "tls_failed"},
    {CURLE_SSL_ISSUER_ERROR, "tls_failed"},
    {CURLE_SSL_CIPHER, "tls_failed"},
    {CURLE_SSL_INVALIDCERTSTATUS, "tls_failed"},
    {CURLE_WEIRD_SERVER_REPLY, "answer_malformed"},
    {CURLE_UNSUPPORTED_PROTOCOL, "answer_malformed"}, /* HTTP/0.9, or not HTTP */
    {CURLE_BAD_CONTENT_ENCODING, "answer_malformed"},
};

static const char *word_for_code(CURLcode code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].code == code) {
            return errors[i].word;
        }
    }
    return "connection_lost";
}

/* NULL: delivered. */
static const char *word_for_status(int status)
{
    enum { GONE = 410 };
    if (status >= 200 && status < 300) {
        return NULL;
    }
    if (status >= 300 && status < 400) {
        return "redirected";
    }
    return status == GONE ? "gone" : "unsuccessful_status";
}

/* Checks the address that the name has just been resolved to. */
static curl_socket_t open_socket(void *closure, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = closure;
    (void)purpose;
    if (!url_guard_address(&transfer->transfers->settings.guard, &address->addr)) {
        transfer->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_head(char *bytes, size_t size, size_t count, void *closure)
{
    struct transfer *transfer = closure;
    (void)bytes;
    transfer->head_bytes += size * count;
    transfer->too_large = transfer->too_large || transfer->head_bytes > MAX_RESPONSE_HEAD_BYTES;
    return transfer->too_large ? 0 : size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *closure)
{
    struct transfer *transfer = closure;
    size_t length = size * count;
    if (transfer->body_bytes < EXCERPT_BYTES) {
        size_t room = EXCERPT_BYTES - transfer->body_bytes;
        memcpy(transfer->excerpt + transfer->body_bytes, bytes, length < room ? length : room);
    }
    transfer->body_bytes += length;
    transfer->too_large = transfer->too_large || transfer->body_bytes > MAX_RESPONSE_BYTES;
    return transfer->too_large ? 0 : length;
}

struct transfers *transfers_open(const struct transfer_settings *settings)
{
    size_t size =
        sizeof(struct transfers) + (size_t)settings->concurrency * sizeof(struct transfer);
    struct transfers *transfers = memory_allocate(size);
    transfers->settings = *settings;
    (void)snprintf(transfers->protocols, sizeof transfers->protocols, "https%s",
                   settings->guard.http ? ",http" : "");
    transfers->multi = curl_multi_init();
    (void)curl_multi_setopt(transfers->multi, CURLMOPT_MAXCONNECTS, (long)settings->concurrency);
    for (int i = 0; i < settings->concurrency; i++) {
        transfers->each[i].transfers = transfers;
    }
    return transfers;
}

static void clear(struct transfers *transfers, struct transfer *transfer)
{
    if (transfer->state == TRANSFER_UNDER_WAY) {
        (void)curl_multi_remove_handle(transfers->multi, transfer->easy);
    }
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    transfer->easy = NULL;
    transfer->headers = NULL;
    transfer->state = TRANSFER_NONE;
}

void transfers_close(struct transfers *transfers)
{
    for (int i = 0; i < transfers->settings.concurrency; i++) {
        clear(transfers, &transfers->each[i]);
    }
    (void)curl_multi_cleanup(transfers->multi);
    free(transfers);
}

int transfers_room(const struct transfers *transfers)
{
    return transfers->settings.concurrency - transfers_count(transfers);
}

int transfers_count(const struct transfers *transfers)
{
    return transfers->under_way + transfers->ended;
}

const char *transfers_attempts(const struct transfers *transfers, struct arena *arena)
{
    const char *list = "";
    for (int i = 0; i < transfers->settings.concurrency; i++) {
        const struct transfer *transfer = &transfers->each[i];
        if (transfer->state != TRANSFER_NONE) {
            list = arena_print(arena, "%s%s%s", list, list[0] != '\0' ? "," : "",
                               transfer->result.attempt);
        }
    }
    return list;
}

static void end(struct transfers *transfers, struct transfer *transfer, const char *cause,
                bool connected)
{
    transfer->state = TRANSFER_ENDED;
    transfer->result.reached = connected;
    transfer->result.cause = cause;
    transfer->result.error = cause == NULL || connected ? cause : not_reached;
    utf8_mend(transfer->excerpt,
              transfer->body_bytes < EXCERPT_BYTES ? transfer->body_bytes : EXCERPT_BYTES,
              transfer->result.response);
    transfers->under_way--;
    transfers->ended++;
}

static void add_header(struct transfer *transfer, const char *name, const char *text)
{
    char line[512];
    (void)snprintf(line, sizeof line, "%s: %s", name, text);
    transfer->headers = curl_slist_append(transfer->headers, line);
}

/* The headers of Standard Webhooks. False: a secret is malformed. */
static bool add_headers(struct transfer *transfer, const struct delivery *delivery)
{
    char now[24];
    char signature[SIGNATURE_SIZE];
    (void)snprintf(now, sizeof now, "%lld", (long long)time(NULL));
    const struct signed_message signed_message = {
        .id = delivery->id, .time = now, .body = delivery->body, .length = strlen(delivery->body)};
    if (!signature_make(&signed_message, delivery->secret, delivery->previous_secret, signature)) {
        return false;
    }
    add_header(transfer, "Content-Type", "application/cloudevents+json");
    add_header(transfer, "webhook-id", delivery->id);
    add_header(transfer, "webhook-timestamp", now);
    add_header(transfer, "webhook-signature", signature);
    if (delivery->traceparent != NULL) {
        add_header(transfer, "traceparent", delivery->traceparent);
    }
    /* No wait for "100 Continue" before the body. */
    transfer->headers = curl_slist_append(transfer->headers, "Expect:");
    return true;
}

/* PROXY "" ignores the proxies of the environment; QUICK_EXIT does not wait for a slow name
 * resolution after the timeout. */
static void set_up(struct transfer *transfer, const struct delivery *delivery)
{
    CURL *easy = transfer->easy;
    const struct transfers *transfers = transfer->transfers;
    const struct transfer_settings *settings = &transfers->settings;
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_URL, delivery->url);
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, transfers->protocols);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
    (void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)settings->timeout_ms / 2);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "ets144/" ETS144_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(delivery->body));
    (void)curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, delivery->body);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

void transfers_begin(struct transfers *transfers, const struct delivery *delivery)
{
    struct transfer *transfer = transfers->each;
    while (transfer->state != TRANSFER_NONE) {
        transfer++;
    }
    *transfer = (struct transfer){
        .transfers = transfers, .easy = curl_easy_init(), .state = TRANSFER_UNDER_WAY};
    (void)snprintf(transfer->result.attempt, sizeof transfer->result.attempt, "%s",
                   delivery->attempt);
    transfers->under_way++;
    if (url_guard_url(&transfers->settings.guard, delivery->url) != URL_GUARD_ALLOWED) {
        end(transfers, transfer, "address_refused", false);
        return;
    }
    bool signed_well = add_headers(transfer, delivery);
    set_up(transfer, delivery);
    if (!signed_well || curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK) {
        end(transfers, transfer, "connection_failed", false);
    }
}

static void finish(struct transfers *transfers, CURL *easy, CURLcode code)
{
    struct transfer *transfer = NULL;
    long status = 0;
    curl_off_t microseconds = 0;
    curl_off_t connect_time = 0; /* of a new connection */
    curl_off_t send_time = 0;    /* of the request, over a new or an earlier connection */
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
    (void)curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect_time);
    (void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &send_time);
    (void)curl_multi_remove_handle(transfers->multi, easy);
    transfer->result.status = status >= 100 ? (int)status : 0;
    transfer->result.duration_ms = (long)(microseconds / MICROSECONDS_PER_MILLISECOND);
    const char *cause = code == CURLE_OK ? word_for_status((int)status) : word_for_code(code);
    if (transfer->too_large) {
        cause = "answer_too_large";
    } else if (code != CURLE_OK && transfer->refused && connect_time == 0) {
        cause = "address_refused";
    }
    /* While TLS is negotiated libcurl counts no connection yet. */
    bool connected =
        connect_time > 0 || send_time > 0 || (cause != NULL && strcmp(cause, "tls_failed") == 0);
    end(transfers, transfer, cause, connected);
}

static void collect_ended(struct transfers *transfers)
{
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(transfers->multi, &left)) != NULL;) {
        if (message->msg == CURLMSG_DONE) {
            finish(transfers, message->easy_handle, message->data.result);
        }
    }
}

void transfers_poll(struct transfers *transfers, int descriptor, int milliseconds)
{
    int running = 0;
    int ended = transfers->ended;
    (void)curl_multi_perform(transfers->multi, &running);
    collect_ended(transfers);
    if (transfers->ended > ended) {
        milliseconds = 0;
    }
    struct curl_waitfd waited = {.fd = descriptor, .events = CURL_WAIT_POLLIN};
    (void)curl_multi_poll(transfers->multi, &waited, 1, milliseconds, NULL);
    (void)curl_multi_perform(transfers->multi, &running);
    collect_ended(transfers);
}

const struct transfer_result *transfers_ended(const struct transfers *transfers)
{
    for (int i = 0; i < transfers->settings.concurrency && transfers->ended > 0; i++) {
        if (transfers->each[i].state == TRANSFER_ENDED) {
            return &transfers->each[i].result;
        }
    }
    return NULL;
}

void transfers_release(struct transfers *transfers, const struct transfer_result *result)
{
    for (int i = 0; i < transfers->settings.concurrency; i++) {
        struct transfer *transfer = &transfers->each[i];
        if (&transfer->result == result) {
            clear(transfers, transfer);
            transfers->ended--;
        }
    }
}
