#include "store/hosts.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The parameters that may be lists, with an entry for each host, separated by commas. */
enum { LISTED_HOST, LISTED_ADDRESS, LISTED_PORT, LISTED_COUNT };
static const char *const listed[] = {"host", "hostaddr", "port"};

enum { PARAMETERS_MAX = 16 };

struct hosts {
    char *url;
    char *lists[LISTED_COUNT]; /* of the URL; NULL: not given */
    int count;                 /* of hosts; 0: the URL names no host */
    int first;                 /* index of the host that is tried first */
};

/* The list that PQhost() takes its names from. */
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
    /* If the URL is malformed, hosts_connect() will fail with libpq's message. */
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

static const char *entry_at(const char *list, int index)
{
    for (int i = 0; i < index; i++) {
        list = strchr(list, ',') + 1;
    }
    return list;
}

static bool entry_is(const char *list, int index, const char *text)
{
    const char *entry = entry_at(list, index);
    size_t length = strcspn(entry, ",");
    return strlen(text) == length && strncmp(entry, text, length) == 0;
}

/* The list rotated so that the entry `first` comes first. Caller frees. */
static char *rotated(const char *list, int first)
{
    size_t length = strlen(list);
    size_t moved = (size_t)(entry_at(list, first) - list);
    char *rotated_list = memory_allocate(length + 2);
    memcpy(rotated_list, list + moved, length - moved);
    if (moved > 0) {
        rotated_list[length - moved] = ',';
        memcpy(rotated_list + length - moved + 1, list, moved - 1);
    }
    return rotated_list;
}

/* The host to begin with next time: the one that is connected now. After a failure, the last of the
 * list, which is a different one than before. */
static int next_first(const struct hosts *hosts, const PGconn *libpq)
{
    const char *named = names_of(hosts);
    const char *ports = hosts->lists[LISTED_PORT];
    bool each_port = ports != NULL && entry_count(ports) == hosts->count;
    if (PQstatus(libpq) != CONNECTION_OK) {
        return (hosts->first + hosts->count - 1) % hosts->count;
    }
    for (int i = 0; i < hosts->count; i++) {
        if (entry_is(named, i, PQhost(libpq)) &&
            (!each_port || entry_is(ports, i, PQport(libpq)))) {
            return i;
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
    int count = 8; /* parameters after the URL override it */
    if (options != NULL) {
        names[count] = "options";
        values[count++] = options;
    }
    char *lists[LISTED_COUNT] = {NULL};
    for (int i = 0; i < LISTED_COUNT; i++) {
        if (hosts->count > 1 && hosts->lists[i] != NULL &&
            entry_count(hosts->lists[i]) == hosts->count) {
            lists[i] = rotated(hosts->lists[i], hosts->first);
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
