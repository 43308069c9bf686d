#include "api/resource.h"
#include "api/resources.h"
#include "statements.h"

void statistics_show(struct exchange *exchange)
{
    resource_reply_one(exchange, &statement_statistics, MESSAGE_NOT_KNOWN_THEN, NULL);
}

void statistics_series(struct exchange *exchange)
{
    resource_reply_list(exchange, &statement_statistics_series);
}
