#include "api/read/vocabulary.h"

#include "api/handlers.h"
#include "api/query/database_read.h"
#include "statements.h"

#include <stddef.h>

const char *const vocabulary_statuses[] = {"no_action", "signatory",        "contracting_state",
                                           "party",     "party_denouncing", "former_party",
                                           NULL};

const char *const vocabulary_kinds[] = {"signature",
                                        "ratification",
                                        "acceptance",
                                        "approval",
                                        "accession",
                                        "chapter_exclusion",
                                        "vote_only",
                                        "authority_declaration",
                                        "territorial_declaration",
                                        "chapter_acceptance",
                                        "territorial_extension",
                                        "territorial_withdrawal",
                                        "derogation",
                                        "derogation_end",
                                        "denunciation",
                                        "declaration",
                                        "communication",
                                        "declaration_withdrawal",
                                        "signature_succession",
                                        "succession",
                                        NULL};

const char *const vocabulary_chapters[] = {"A", "B", "C", NULL};

const char *const vocabulary_verifications[] = {"confirmed", "single_source", "unconfirmed", NULL};

const char *const vocabulary_anomalies[] = {"effective_date_differs",
                                            "effective_before_bound",
                                            "day_unconfirmed",
                                            "signature_day_unknown",
                                            "text_missing",
                                            "sources_disagree",
                                            NULL};

const char *const vocabulary_outcomes[] = {"open", "accepted", NULL};

const char *const vocabulary_stages[] = {"no_information",     "no_plan",
                                         "under_study",        "consultation",
                                         "bill_tabled",        "approved_by_parliament",
                                         "instrument_pending", NULL};

#define CHANGES                                                                                    \
    "signature", "instrument", "entry_into_force", "chapter_acceptance", "derogation",             \
        "other_act", "status", "call", "outlook", "state", "membership", "reply", "note"

const char *const vocabulary_changes[] = {CHANGES, NULL};
/* Proposals are delivered, but are in no feed. */
const char *const vocabulary_deliveries[] = {CHANGES, "proposal", NULL};

/* The vocabulary belongs to the schema: it has no moment. */
void vocabulary_show(struct exchange *exchange)
{
    struct session *session = read_session(exchange);
    if (session == NULL) {
        return;
    }
    struct rows *rows = run_statement(exchange, session, &statement_vocabulary);
    pool_checkin(session);
    if (rows != NULL) {
        read_reply_item(exchange, rows, MESSAGE_NOT_KNOWN_THEN, NULL);
    }
}
