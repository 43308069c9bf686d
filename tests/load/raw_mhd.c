/* What libmicrohttpd alone can do: one file's bytes from memory, with an entity tag.
 * raw_mhd PORT THREADS FILE */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *whole;
static struct MHD_Response *unchanged;
static const char tag[] = "\"raw\"";

static enum MHD_Result answer(void *closure, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)closure, (void)url, (void)method, (void)version, (void)upload, (void)upload_size;
    static int seen;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    const char *condition =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
    return condition != NULL && strcmp(condition, tag) == 0
               ? MHD_queue_response(connection, 304, unchanged)
               : MHD_queue_response(connection, 200, whole);
}

int main(int count, char **words)
{
    static char bytes[1 << 20];
    FILE *file = count == 4 ? fopen(words[3], "re") : NULL;
    if (file == NULL) {
        (void)fputs("raw_mhd PORT THREADS FILE\n", stderr);
        return 2;
    }
    size_t length = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    whole = MHD_create_response_from_buffer(length, bytes, MHD_RESPMEM_PERSISTENT);
    unchanged = MHD_create_response_from_buffer(0, bytes, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(whole, "Content-Type", "application/json");
    (void)MHD_add_response_header(whole, "ETag", tag);
    (void)MHD_add_response_header(unchanged, "ETag", tag);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, (unsigned short)strtol(words[1], NULL, 10), NULL, NULL,
        answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)strtol(words[2], NULL, 10),
        MHD_OPTION_END);
    if (daemon == NULL) {
        return 1;
    }
    (void)pause();
    return 0;
}
