#include "api/vocabulary.h"

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
                                        NULL};

const char *const vocabulary_chapters[] = {"A", "B", "C", NULL};

const char *const vocabulary_verifications[] = {"confirmed", "single_source", "unconfirmed", NULL};
