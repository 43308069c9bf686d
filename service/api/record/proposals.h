/* Proposals: changesets that wait for a second person. A proposal is shown as a changeset, to its
 * author and to those who decide; sql/deploy/proposals.sql says who they are. */
#ifndef ETS144_API_RECORD_PROPOSALS_H
#define ETS144_API_RECORD_PROPOSALS_H

#include "api/format/link.h"
#include "http/message/exchange.h"
#include "store/pool.h"

#include <stdbool.h>

/* Of a changeset, recorded or proposed (changesets.c). */
extern const struct link changeset_links[];

enum proposal_found { PROPOSAL_FOUND, PROPOSAL_MISSING, PROPOSAL_FAILED };

/* Responds to a write with the proposal of the argument `reference`: {changeset}, 202. Without a
 * response if it is missing; PROPOSAL_FAILED: a problem is the response. */
enum proposal_found proposal_reply(struct exchange *exchange, struct session *session);
/* GET of a proposal that the caller sees; the same, with its document and 200. */
enum proposal_found proposal_show(struct exchange *exchange);

#endif
