#include "api/handlers.h"
#include "api/query/database_read.h"
#include "api/query/parameters.h"
#include "api/read/vocabulary.h"
#include "statements.h"

const struct parameter anomalies_parameters[] = {
    PARAMETER_ROWS_MOMENT,
    {.name = "state", .type = PARAMETER_STATE},
    {.name = "code", .type = PARAMETER_CHOICES, .choices = vocabulary_anomalies},
    {.name = "owner", .type = PARAMETER_TEXT},
    {.name = "open", .type = PARAMETER_BOOLEAN},
    PARAMETER_ROW_FIELDS,
    {.name = NULL},
};

void anomalies_list(struct exchange *exchange)
{
    read_reply_list(exchange, &statement_anomalies);
}
