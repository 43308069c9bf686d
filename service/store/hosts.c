#include "store/hosts.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a URL may list with commas, an entry for each host. */
enum { LISTED_HOST, LISTED_ADDRESS, LISTED_PORT, LISTED_COUNT };
static const char *const listed[] = {"host", "hostaddr", "port"};

enum { PARAMETERS_MAX = 16 };

struct hosts {
    char *url;
    char *lists[LISTED_COUNT]; /* as the URL has them; NULL: not given */
    int count;                 /* of hosts; 0: the URL names none */
    int first;                 /* the place of the one that is tried first */
};

/* What PQhost calls them by. */
static const char *names_of(const struct hosts *hosts)
{
    return hosts->lists[LISTED_HOST] != NULL ? hosts->lists[LISTED_HOST]
                                             : hosts->lists[LISTED_ADDRESS];
}

static int entry_count(const char *list)
{
    int count = 1;
    for (const char *at = list; (at = strchr(at, ',')) != NULL; at++) {
        count++;
    }
    return count;
}

struct hosts *hosts_open(const char *url)
{
    struct hosts *hosts = memory_allocate(sizeof *hosts);
    hosts->url = memory_copy_text(url);
    /* A URL that cannot be read is libpq's to complain of, when it is to connect. */
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++) {
        for (int i = 0; i < LISTED_COUNT; i++) {
            if (option->val != NULL && strcmp(option->keyword, listed[i]) == 0) {
                hosts->lists[i] = memory_copy_text(option->val);
            }
        }
    }
    PQconninfoFree(options);
    const char *named = names_of(hosts);
    hosts->count = named != NULL ? entry_count(named) : 0;
    return hosts;
}

void hosts_close(struct hosts *hosts)
{
    for (int i = 0; i < LISTED_COUNT; i++) {
        free(hosts->lists[i]);
    }
    free(hosts->url);
    free(hosts);
}

/* Where the list's entry in a place begins. */
static const char *entry_at(const char *list, int place)
{
    for (int i = 0; i < place; i++) {
        list = strchr(list, ',') + 1;
    }
    return list;
}

static bool entry_is(const char *list, int place, const char *text)
{
    const char *entry = entry_at(list, place);
    size_t length = strcspn(entry, ",");
    return strlen(text) == length && strncmp(entry, text, length) == 0;
}

/* The list from one place on, and then what stands before that place. Caller frees. */
static char *turned(const char *list, int first)
{
    size_t length = strlen(list);
    size_t ahead = (size_t)(entry_at(list, first) - list);
    char *turned_list = memory_allocate(length + 2);
    memcpy(turned_list, list + ahead, length - ahead);
    if (ahead > 0) {
        turned_list[length - ahead] = ',';
        memcpy(turned_list + length - ahead + 1, list, ahead - 1);
    }
    return turned_list;
}

/* The place of the host that is connected to; the next attempt begins there. After a failure it
 * begins with the one that was tried last: that is at least another one. */
static int next_first(const struct hosts *hosts, const PGconn *libpq)
{
    const char *named = names_of(hosts);
    const char *ports = hosts->lists[LISTED_PORT];
    bool each_port = ports != NULL && entry_count(ports) == hosts->count;
    if (PQstatus(libpq) != CONNECTION_OK) {
        return (hosts->first + hosts->count - 1) % hosts->count;
    }
    for (int place = 0; place < hosts->count; place++) {
        if (entry_is(named, place, PQhost(libpq)) &&
            (!each_port || entry_is(ports, place, PQport(libpq)))) {
            return place;
        }
    }
    return hosts->first;
}

PGconn *hosts_connect(struct hosts *hosts, const char *name, const char *options)
{
    const char *names[PARAMETERS_MAX] = {
        "fallback_application_name", "connect_timeout",  "keepalives_idle", "keepalives_interval",
        "keepalives_count",          "tcp_user_timeout", "client_encoding", "dbname"};
    const char *values[PARAMETERS_MAX] = {name, "2", "5", "2", "3", "5000", "UTF8", hosts->url};
    /* What follows the URL overrides it. */
    int count = 8;
    if (options != NULL) {
        names[count] = "options";
        values[count++] = options;
    }
    char *lists[LISTED_COUNT] = {NULL};
    for (int i = 0; i < LISTED_COUNT; i++) {
        if (hosts->count > 1 && hosts->lists[i] != NULL &&
            entry_count(hosts->lists[i]) == hosts->count) {
            lists[i] = turned(hosts->lists[i], hosts->first);
            names[count] = listed[i];
            values[count++] = lists[i];
        }
    }
    PGconn *libpq = PQconnectdbParams(names, values, 1);
    for (int i = 0; i < LISTED_COUNT; i++) {
        free(lists[i]);
    }
    if (hosts->count > 1) {
        hosts->first = next_first(hosts, libpq);
    }
    return libpq;
}
