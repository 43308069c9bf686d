#include "api/handlers.h"
#include "api/query/database_read.h"
#include "statements.h"

void anomalies_list(struct exchange *exchange)
{
    read_reply_list(exchange, &statement_anomalies);
}
