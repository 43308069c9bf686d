#include "api/resource.h"
#include "api/resources.h"
#include "statements.h"

void anomalies_list(struct exchange *exchange)
{
    resource_reply_list(exchange, &statement_anomalies);
}
