#include "api/resource.h"
#include "api/resources.h"
#include "statements.h"

void convention_show(struct exchange *exchange)
{
    resource_reply_one(exchange, &statement_convention, MESSAGE_NOT_KNOWN_THEN, NULL);
}
