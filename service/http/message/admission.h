/* Whether a connection was within the limits when it was accepted (http/server/connection_limit.h).
 */
#ifndef ETS144_HTTP_MESSAGE_ADMISSION_H
#define ETS144_HTTP_MESSAGE_ADMISSION_H

enum admission {
    ADMISSION_GRANTED,
    ADMISSION_CLIENT_FULL, /* over the client's limit: its requests get 429 */
    ADMISSION_SERVER_FULL, /* the server is nearly full: its requests get 503 */
    ADMISSION_DROP         /* over twice the client's limit: it is closed without a response */
};

#endif
