#include "api/format/tables.h"

/* What `signature` and `consent` of a State have in common. */
#define OCCASION_DATE                                                                              \
    {                                                                                              \
        "The day, or the best known one; empty if none is known.",                                 \
            "Le jour, ou le meilleur connu ; vide si aucun ne l'est."                              \
    }
#define OCCASION_NOT_BEFORE                                                                        \
    {                                                                                              \
        "Unconfirmed only: the first day on which it can have been.",                              \
            "Non confirmé seulement : le premier jour possible."                                  \
    }
#define OCCASION_NOT_AFTER                                                                         \
    {                                                                                              \
        "Unconfirmed only: the last day on which it can have been.",                               \
            "Non confirmé seulement : le dernier jour possible."                                  \
    }
#define OCCASION_VERIFICATION                                                                      \
    {                                                                                              \
        "confirmed, single_source or unconfirmed: then the fact is sure, and its day is not.",     \
            "confirmed, single_source ou unconfirmed : alors le fait est certain, et son jour ne " \
            "l'est "                                                                               \
            "pas."                                                                                 \
    }
#define OCCASION_SOURCES                                                                           \
    {                                                                                              \
        "Addresses of the published sources that say so.",                                         \
            "Adresses des sources publiées qui l'indiquent."                                      \
    }

/* The chart shows a day only if it is confirmed. */
#define CHART_DATE                                                                                 \
    {                                                                                              \
        "The day; empty if it is not confirmed, and the note says what is known.",                 \
            "Le jour ; vide s'il n'est pas confirmé, et le renvoi dit ce qui est connu."          \
    }

static const struct column states_columns[] = {
    {"code", .not_null = true, .title = {"Code", "Code"},
     .description = {"The State, by its ISO 3166-1 alpha-3 code.",
                     "L'État, par son code ISO 3166-1 alpha-3."}},
    {"alpha2", .not_null = true, .title = {"Two-letter code", "Code à deux lettres"},
     .description = {"Its ISO 3166-1 alpha-2 code.", "Son code ISO 3166-1 alpha-2."}},
    {"numeric", .not_null = true, .title = {"Numeric code", "Code numérique"},
     .description = {"Its ISO 3166-1 numeric code: three digits, of which the first may be 0.",
                     "Son code ISO 3166-1 numérique : trois chiffres, dont le premier peut être "
                     "0."}},
    {"name", .not_null = true, .title = {"Name", "Nom"},
     .description = {"As the Council of Europe names it, in the language asked for.",
                     "Son nom au Conseil de l'Europe, dans la langue demandée."}},
    {"member", COLUMN_BOOLEAN, .not_null = true, .title = {"Member State", "État membre"},
     .description = {"A member of the Council of Europe on the day.",
                     "Membre du Conseil de l'Europe à la date demandée."}},
    {"status", .not_null = true, .title = {"Status", "Statut"},
     .description = {"no_action, signatory, contracting_state, party, party_denouncing or "
                     "former_party; /v1/vocabulary defines them.",
                     "no_action, signatory, contracting_state, party, party_denouncing ou "
                     "former_party ; /v1/vocabulary les définit."}},
    {"status_name", .not_null = true, .title = {"Status in words", "Statut en toutes lettres"},
     .description = {"The status in the language asked for.",
                     "Le statut dans la langue demandée."}},
    {"signature.action", .title = {"Signature", "Signature"},
     .description = {"Reference of the signature on which its standing rests.",
                     "Référence de la signature sur laquelle repose sa situation."}},
    {"signature.date", COLUMN_DAY, .title = {"Day of signature", "Date de signature"},
     .description = OCCASION_DATE},
    {"signature.not_before", COLUMN_DAY, .title = {"Signature not before", "Signature au plus tôt"},
     .description = OCCASION_NOT_BEFORE},
    {"signature.not_after", COLUMN_DAY, .title = {"Signature not after", "Signature au plus tard"},
     .description = OCCASION_NOT_AFTER},
    {"signature.verification", .title = {"Signature, how sure", "Signature, degré de certitude"},
     .description = OCCASION_VERIFICATION},
    {"signature.sources", COLUMN_ADDRESS, .list = true,
     .title = {"Sources of the signature", "Sources de la signature"},
     .description = OCCASION_SOURCES},
    {"consent.action", .title = {"Consent to be bound", "Consentement à être lié"},
     .description = {"Reference of the deposit by which it consented to be bound.",
                     "Référence du dépôt par lequel il a consenti à être lié."}},
    {"consent.kind", .title = {"Kind of consent", "Forme du consentement"},
     .description = {"ratification, acceptance, approval or accession.",
                     "ratification, acceptance (acceptation), approval (approbation) ou accession "
                     "(adhésion)."}},
    {"consent.date", COLUMN_DAY, .title = {"Day of consent", "Date du consentement"},
     .description = OCCASION_DATE},
    {"consent.not_before", COLUMN_DAY, .title = {"Consent not before", "Consentement au plus tôt"},
     .description = OCCASION_NOT_BEFORE},
    {"consent.not_after", COLUMN_DAY, .title = {"Consent not after", "Consentement au plus tard"},
     .description = OCCASION_NOT_AFTER},
    {"consent.verification", .title = {"Consent, how sure", "Consentement, degré de certitude"},
     .description = OCCASION_VERIFICATION},
    {"consent.sources", COLUMN_ADDRESS, .list = true,
     .title = {"Sources of the consent", "Sources du consentement"},
     .description = OCCASION_SOURCES},
    {"in_force_on", COLUMN_DAY, .title = {"Entry into force", "Entrée en vigueur"},
     .description = {"The day the Convention entered or enters into force for the State; empty "
                     "while that is not certain.",
                     "Le jour où la Convention est entrée ou entre en vigueur à l'égard de "
                     "l'État ; vide tant que ce n'est pas certain."}},
    {"chapters", .list = true, .title = {"Chapters", "Chapitres"},
     .description = {"The chapters that bind the State as a Party on the day: A, B, C. C is the "
                     "right to vote.",
                     "Les chapitres qui lient l'État, Partie à la date demandée : A, B, C. C est "
                     "le droit de vote."}},
    {"vote_only", COLUMN_BOOLEAN, .not_null = true, .title = {"Vote only", "Vote seulement"},
     .description = {"Chapter C is limited to voting, without standing for election (Article "
                     "6(2)).",
                     "Le chapitre C est limité au vote, sans éligibilité (article 6(2))."}},
    {"territories.covered", .list = true, .title = {"Territories covered", "Territoires visés"},
     .description = {"Territories that a declaration covers (Article 16).",
                     "Territoires qu'une déclaration vise (article 16)."}},
    {"territories.left_out", .list = true, .title = {"Territories left out", "Territoires exclus"},
     .description = {"Territories that a declaration leaves out (Article 16).",
                     "Territoires qu'une déclaration exclut (article 16)."}},
    {"in_derogation", COLUMN_BOOLEAN, .not_null = true, .title = {"In derogation", "En dérogation"},
     .description = {"A derogation is running (Article 9).",
                     "Une dérogation est en cours (article 9)."}},
    {"denunciation.action", .title = {"Denunciation", "Dénonciation"},
     .description = {"Reference of its denunciation.", "Référence de sa dénonciation."}},
    {"denunciation.date", COLUMN_DAY, .title = {"Day of denunciation", "Date de la dénonciation"},
     .description = {"The day it was made.", "Le jour où elle a été faite."}},
    {"denunciation.effective_on", COLUMN_DAY,
     .title = {"Denunciation effective", "Prise d'effet de la dénonciation"},
     .description = {"The day it takes effect by the six-month rule (Article 18).",
                     "Le jour où elle prend effet, selon la règle des six mois (article 18)."}},
    {.member = NULL},
};

const struct table states_table = {
    .address = "/v1/states",
    .key = "code",
    .title = {"Where every State stands on ETS No. 144",
              "Où en est chaque État à l'égard de la STE n° 144"},
    .description = {"A row for every member State of the Council of Europe on the day, and for "
                    "every other State with an action.",
                    "Une ligne pour chaque État membre du Conseil de l'Europe à la date demandée, "
                    "et pour tout autre État ayant fait un acte."},
    .columns = states_columns,
};

static const struct column actions_columns[] = {
    {"reference", .not_null = true, .title = {"Reference", "Référence"},
     .description = {"The State's code and a running number.",
                     "Le code de l'État et un numéro d'ordre."}},
    {"state", .not_null = true, .importable = true, .title = {"State", "État"},
     .description = {"The State, by its ISO 3166-1 alpha-3 code.",
                     "L'État, par son code ISO 3166-1 alpha-3."}},
    {"kind", .not_null = true, .importable = true, .title = {"Kind", "Nature"},
     .description = {"What the State did, by a code that /v1/vocabulary defines.",
                     "Ce que l'État a fait, par un code que /v1/vocabulary définit."}},
    {"kind_name", .not_null = true, .title = {"Kind in words", "Nature en toutes lettres"},
     .description = {"The kind in the language asked for.", "La nature dans la langue demandée."}},
    {"version", COLUMN_COUNT, .not_null = true, .title = {"Version", "Version"},
     .description = {"Counts the action's versions, from 1.",
                     "Compte les versions de l'acte, à partir de 1."}},
    {"date", COLUMN_DAY, .importable = true, .title = {"Day", "Date"},
     .description = {"The day it was done; unconfirmed, the best known day or none.",
                     "Le jour où il a été fait ; non confirmé, le meilleur connu ou aucun."}},
    {"not_before", COLUMN_DAY, .importable = true, .title = {"Not before", "Au plus tôt"},
     .description = OCCASION_NOT_BEFORE},
    {"not_after", COLUMN_DAY, .importable = true, .title = {"Not after", "Au plus tard"},
     .description =
         {"Unconfirmed only: the last such day, from which it counts if no day is known.",
          "Non confirmé seulement : le dernier jour possible, dont il part si aucun "
          "jour n'est connu."}},
    {"received_on", COLUMN_DAY, .importable = true, .title = {"Received", "Réception"},
     .description = {"The day the notification was received, where it is dated otherwise.",
                     "Le jour où la notification a été reçue, si elle porte une autre date."}},
    {"published_effective_date", COLUMN_DAY, .importable = true,
     .title = {"Published day of effect", "Date d'effet publiée"},
     .description = {"The day of effect that the depositary's publication prints.",
                     "Le jour de prise d'effet qu'imprime la publication du dépositaire."}},
    {"computed_effective_date", COLUMN_DAY,
     .title = {"Computed day of effect", "Date d'effet calculée"},
     .description = {"The day of effect by the Convention's own rule.",
                     "Le jour de prise d'effet selon la règle de la Convention."}},
    {"effective_on", COLUMN_DAY, .title = {"Day of effect", "Date d'effet"},
     .description = {"The day of effect that decides the status.",
                     "Le jour de prise d'effet qui décide du statut."}},
    {"effective_by", .title = {"Rule of the day of effect", "Règle de la date d'effet"},
     .description = {"The rule that gave effective_on, by a code that /v1/vocabulary defines.",
                     "La règle qui a donné effective_on, par un code que /v1/vocabulary définit."}},
    {"articles", .list = true, .importable = true, .title = {"Articles", "Articles"},
     .description = {"The articles it is made under, such as 1(1).",
                     "Les articles en vertu desquels il est fait, comme 1(1)."}},
    {"chapters", .list = true, .importable = true, .title = {"Chapters", "Chapitres"},
     .description = {"The chapters left out or accepted.", "Les chapitres exclus ou acceptés."}},
    {"territories.covered", .list = true, .importable = true,
     .title = {"Territories covered", "Territoires visés"},
     .description = {"Territories that it covers (Article 16).",
                     "Territoires qu'il vise (article 16)."}},
    {"territories.left_out", .list = true, .importable = true,
     .title = {"Territories left out", "Territoires exclus"},
     .description = {"Territories that it leaves out (Article 16).",
                     "Territoires qu'il exclut (article 16)."}},
    {"refers_to", .importable = true, .title = {"Refers to", "Se rapporte à"},
     .description = {"Reference of the action of the same State that it is about.",
                     "Référence de l'acte du même État auquel il se rapporte."}},
    {"summary", .title = {"Summary", "Résumé"},
     .description = {"What was done, in the language asked for or the other one.",
                     "Ce qui a été fait, dans la langue demandée ou dans l'autre."}},
    {"summary_en", .importable = true, .title = {"Summary in English", "Résumé en anglais"},
     .description = {"What was done, in English.", "Ce qui a été fait, en anglais."}},
    {"summary_fr", .importable = true, .title = {"Summary in French", "Résumé en français"},
     .description = {"What was done, in French.", "Ce qui a été fait, en français."}},
    {"vehicle", .title = {"Vehicle", "Support"},
     .description = {"In what it was made, in the language asked for or the other one.",
                     "Dans quoi il a été fait, dans la langue demandée ou dans l'autre."}},
    {"vehicle_en", .importable = true, .title = {"Vehicle in English", "Support en anglais"},
     .description = {"In what it was made, such as a note verbale, in English.",
                     "Dans quoi il a été fait, comme une note verbale, en anglais."}},
    {"vehicle_fr", .importable = true, .title = {"Vehicle in French", "Support en français"},
     .description = {"In what it was made, such as a note verbale, in French.",
                     "Dans quoi il a été fait, comme une note verbale, en français."}},
    {"original_language", .importable = true,
     .title = {"Original language", "Langue de l'original"},
     .description = {"The original's language, such as fr.", "La langue de l'original, comme fr."}},
    {"verification", .not_null = true, .importable = true,
     .title = {"How sure", "Degré de certitude"}, .description = OCCASION_VERIFICATION},
    {"sources", COLUMN_ADDRESS, .list = true, .importable = true, .title = {"Sources", "Sources"},
     .description = OCCASION_SOURCES},
    {"voided", COLUMN_BOOLEAN, .not_null = true, .title = {"Voided", "Annulé"},
     .description = {"Declared never to have been so.", "Déclaré n'avoir jamais eu lieu."}},
    {"recorded_at", COLUMN_MOMENT, .not_null = true, .title = {"Recorded at", "Enregistré le"},
     .description = {"When this version was recorded, in UTC.",
                     "Quand cette version a été enregistrée, en UTC."}},
    {"recorded_by", .not_null = true, .title = {"Recorded by", "Enregistré par"},
     .description = {"Who recorded it: the name of a token.",
                     "Qui l'a enregistrée : le nom d'un jeton."}},
    {.member = NULL},
};

const struct table actions_table = {
    .address = "/v1/actions",
    .key = "reference",
    .title = {"Treaty actions under ETS No. 144", "Actes relatifs à la STE n° 144"},
    .description =
        {"A row for everything that a State did under the Convention and that stands, in "
         "the order of the days.",
         "Une ligne pour tout ce qu'un État a fait au titre de la Convention et qui "
         "subsiste, dans l'ordre des dates."},
    .columns = actions_columns,
};

static const struct column statistics_columns[] = {
    {"as_of", COLUMN_DAY, .not_null = true, .title = {"Day", "Date"},
     .description = {"The day that is counted for.", "Le jour pour lequel on compte."}},
    {"status", .not_null = true, .title = {"Status", "Statut"},
     .description = {"A status, by a code that /v1/vocabulary defines.",
                     "Un statut, par un code que /v1/vocabulary définit."}},
    {"states", COLUMN_COUNT, .not_null = true, .title = {"States", "États"},
     .description = {"How many States had it.", "Combien d'États l'avaient."}},
    {"members", COLUMN_COUNT, .not_null = true, .title = {"Member States", "États membres"},
     .description = {"How many of them were members of the Council of Europe on that day.",
                     "Combien d'entre eux étaient membres du Conseil de l'Europe ce jour-là."}},
    {"share_of_members", COLUMN_SHARE, .title = {"Share of members", "Part des membres"},
     .description = {"Their share of all members on that day, from 0 to 1.",
                     "Leur part de tous les membres ce jour-là, de 0 à 1."}},
    {.member = NULL},
};

const struct table statistics_table = {
    .address = "/v1/statistics",
    .key = "status",
    .title = {"How many States stand where on ETS No. 144",
              "Combien d'États, par statut à l'égard de la STE n° 144"},
    .description = {"A row for every status on the day.",
                    "Une ligne pour chaque statut à la date demandée."},
    .columns = statistics_columns,
};

static const struct column series_columns[] = {
    {"period", .not_null = true, .title = {"Period", "Période"},
     .description = {"A year, or a month written as YYYY-MM.",
                     "Une année, ou un mois écrit AAAA-MM."}},
    {"as_of", COLUMN_DAY, .not_null = true, .title = {"Day", "Date"},
     .description = {"The period's last day, which is counted for.",
                     "Le dernier jour de la période, pour lequel on compte."}},
    {"members", COLUMN_COUNT, .not_null = true, .title = {"Member States", "États membres"},
     .description = {"Members of the Council of Europe.", "Membres du Conseil de l'Europe."}},
    {"no_action", COLUMN_COUNT, .not_null = true, .title = {"No action", "Aucun acte"},
     .description = {"Members that had neither signed nor consented to be bound.",
                     "Membres n'ayant ni signé ni consenti à être liés."}},
    {"signatories", COLUMN_COUNT, .not_null = true, .title = {"Signatories", "Signataires"},
     .description = {"States that had signed and not consented to be bound.",
                     "États ayant signé sans avoir consenti à être liés."}},
    {"contracting_states", COLUMN_COUNT, .not_null = true,
     .title = {"Contracting States", "États contractants"},
     .description = {"States that had consented, the Convention not yet in force for them.",
                     "États ayant consenti, la Convention n'étant pas encore en vigueur à leur "
                     "égard."}},
    {"parties", COLUMN_COUNT, .not_null = true, .title = {"Parties", "Parties"},
     .description = {"States for which the Convention was in force.",
                     "États à l'égard desquels la Convention était en vigueur."}},
    {"former_parties", COLUMN_COUNT, .not_null = true,
     .title = {"Former Parties", "Anciennes Parties"},
     .description = {"States whose denunciation had taken effect.",
                     "États dont la dénonciation avait pris effet."}},
    {"member_parties", COLUMN_COUNT, .not_null = true,
     .title = {"Member Parties", "Parties membres"},
     .description = {"Parties that were members of the Council of Europe.",
                     "Parties membres du Conseil de l'Europe."}},
    {"chapter_b", COLUMN_COUNT, .not_null = true,
     .title = {"Bound by Chapter B", "Liées par le chapitre B"},
     .description = {"Parties bound by Chapter B (consultative bodies).",
                     "Parties liées par le chapitre B (organismes consultatifs)."}},
    {"chapter_c", COLUMN_COUNT, .not_null = true,
     .title = {"Bound by Chapter C", "Liées par le chapitre C"},
     .description = {"Parties bound by Chapter C (right to vote).",
                     "Parties liées par le chapitre C (droit de vote)."}},
    {.member = NULL},
};

const struct table series_table = {
    .address = "/v1/statistics/series",
    .key = "period",
    .title = {"How many States stood where on ETS No. 144, by year or month",
              "Combien d'États, par statut à l'égard de la STE n° 144, par année ou par mois"},
    .description = {"A row for every year or month since the Convention was opened for signature.",
                    "Une ligne par année ou par mois depuis l'ouverture de la Convention à la "
                    "signature."},
    .columns = series_columns,
};

static const struct column chart_columns[] = {
    {"state", .not_null = true, .title = {"State", "État"},
     .description = {"The State, by its ISO 3166-1 alpha-3 code.",
                     "L'État, par son code ISO 3166-1 alpha-3."}},
    {"name", .not_null = true, .title = {"Name", "Nom"},
     .description = {"As the Council of Europe names it, in the language asked for.",
                     "Son nom au Conseil de l'Europe, dans la langue demandée."}},
    {"member", COLUMN_BOOLEAN, .not_null = true, .title = {"Member State", "État membre"},
     .description = {"A member of the Council of Europe on the day.",
                     "Membre du Conseil de l'Europe à la date demandée."}},
    {"signature.action", .title = {"Signature", "Signature"},
     .description = {"Reference of the signature.", "Référence de la signature."}},
    {"signature.date", COLUMN_DAY, .title = {"Day of signature", "Date de signature"},
     .description = CHART_DATE},
    {"signature.not_before", COLUMN_DAY, .title = {"Signature not before", "Signature au plus tôt"},
     .description = OCCASION_NOT_BEFORE},
    {"signature.not_after", COLUMN_DAY, .title = {"Signature not after", "Signature au plus tard"},
     .description = OCCASION_NOT_AFTER},
    {"signature.verification", .title = {"Signature, how sure", "Signature, degré de certitude"},
     .description = OCCASION_VERIFICATION},
    {"ratification.action", .title = {"Ratification", "Ratification"},
     .description = {"Reference of the ratification, acceptance, approval or accession.",
                     "Référence de la ratification, acceptation, approbation ou adhésion."}},
    {"ratification.kind", .title = {"Kind of consent", "Forme du consentement"},
     .description = {"ratification, acceptance, approval or accession.",
                     "ratification, acceptance (acceptation), approval (approbation) ou accession "
                     "(adhésion)."}},
    {"ratification.date", COLUMN_DAY, .title = {"Day of ratification", "Date de ratification"},
     .description = CHART_DATE},
    {"ratification.not_before", COLUMN_DAY,
     .title = {"Ratification not before", "Ratification au plus tôt"},
     .description = OCCASION_NOT_BEFORE},
    {"ratification.not_after", COLUMN_DAY,
     .title = {"Ratification not after", "Ratification au plus tard"},
     .description = OCCASION_NOT_AFTER},
    {"ratification.verification",
     .title = {"Ratification, how sure", "Ratification, degré de certitude"},
     .description = OCCASION_VERIFICATION},
    {"entry_into_force", COLUMN_DAY, .title = {"Entry into force", "Entrée en vigueur"},
     .description = {"The day the Convention entered or enters into force for the State.",
                     "Le jour où la Convention est entrée ou entre en vigueur à l'égard de "
                     "l'État."}},
    {"notes", .title = {"Notes", "Renvois"},
     .description = {"What the days and letters do not say, in the language asked for.",
                     "Ce que les dates et les lettres ne disent pas, dans la langue demandée."}},
    {"reservations", COLUMN_BOOLEAN, .not_null = true, .title = {"R.", "R."},
     .description =
         {"Reservations stand: chapters left out (Article 1(1)), or Chapter C limited to "
          "voting (Article 6(2)).",
          "Des réserves subsistent : chapitres exclus (article 1(1)), ou chapitre C "
          "limité au vote (article 6(2))."}},
    {"declarations", COLUMN_BOOLEAN, .not_null = true, .title = {"D.", "D."},
     .description = {"Declarations, denunciations or derogations stand.",
                     "Des déclarations, dénonciations ou dérogations subsistent."}},
    {"authorities", COLUMN_BOOLEAN, .not_null = true, .title = {"A.", "A."},
     .description = {"Authorities were chosen (Article 15).",
                     "Des collectivités ont été désignées (article 15)."}},
    {"territorial_application", COLUMN_BOOLEAN, .not_null = true, .title = {"T.", "T."},
     .description = {"Territories were named (Article 16).",
                     "Des territoires ont été désignés (article 16)."}},
    {"communications", COLUMN_BOOLEAN, .not_null = true, .title = {"C.", "C."},
     .description = {"There are communications.", "Il y a des communications."}},
    {"objections", COLUMN_BOOLEAN, .not_null = true, .title = {"O.", "O."},
     .description = {"There are objections.", "Il y a des objections."}},
    {"totals.ratifications_or_accessions", COLUMN_COUNT, .not_null = true,
     .title = {"Total number of ratifications/accessions",
               "Nombre total de ratifications/adhésions"},
     .description = {"Of all States, the same in each row.",
                     "De tous les États, le même dans chaque ligne."}},
    {"totals.signatures_not_followed_by_ratifications", COLUMN_COUNT, .not_null = true,
     .title = {"Total number of signatures not followed by ratifications",
               "Nombre total de signatures non suivies de ratifications"},
     .description = {"Of all States, the same in each row.",
                     "De tous les États, le même dans chaque ligne."}},
    {.member = NULL},
};

const struct table chart_table = {
    .address = "/v1/chart",
    .key = "state",
    .title = {"Chart of signatures and ratifications of ETS No. 144",
              "État des signatures et ratifications de la STE n° 144"},
    .description = {"A row for every member State of the Council of Europe on the day, then for "
                    "every other State that has acted, in the order of their names.",
                    "Une ligne pour chaque État membre du Conseil de l'Europe à la date demandée, "
                    "puis pour tout autre État ayant fait un acte, dans l'ordre de leurs noms."},
    .columns = chart_columns,
};

static const struct column changes_columns[] = {
    {"id", .not_null = true, .title = {"Identifier", "Identifiant"},
     .description = {"Names the entry for ever.", "Désigne l'élément pour toujours."}},
    {"type", .not_null = true, .title = {"Type", "Type"},
     .description = {"int.coe.ets144., the category and what happened.",
                     "int.coe.ets144., la catégorie et ce qui s'est passé."}},
    {"subject", .not_null = true, .title = {"Subject", "Objet"},
     .description = {"The reference, the State's code, or 144 for the Convention itself.",
                     "La référence, le code de l'État, ou 144 pour la Convention elle-même."}},
    {"time", COLUMN_MOMENT, .not_null = true, .title = {"Time", "Instant"},
     .description = {"When it was committed, in UTC.", "Quand il a été validé, en UTC."}},
    {"data.category", .not_null = true, .title = {"Category", "Catégorie"},
     .description = {"What the change is about, by a code that /v1/vocabulary defines.",
                     "Ce que concerne le changement, par un code que /v1/vocabulary définit."}},
    {"data.event", .not_null = true, .title = {"Event", "Événement"},
     .description = {"recorded, corrected, voided or changed.",
                     "recorded (enregistré), corrected (corrigé), voided (annulé) ou changed "
                     "(changé)."}},
    {"data.state", .title = {"State", "État"},
     .description = {"The State, by its ISO 3166-1 alpha-3 code; empty if it is about none.",
                     "L'État, par son code ISO 3166-1 alpha-3 ; vide s'il n'en concerne aucun."}},
    {"data.reference", .title = {"Reference", "Référence"},
     .description = {"Of the action, call or entry of the outlook.",
                     "De l'acte, de l'appel ou de l'élément des perspectives."}},
    {"data.version", COLUMN_COUNT, .title = {"Version", "Version"},
     .description = {"Of the same.", "Du même."}},
    {"data.revision", COLUMN_COUNT, .not_null = true, .title = {"Revision", "Révision"},
     .description = {"The revision of the register that it came with.",
                     "La révision du registre avec laquelle il est venu."}},
    {"data.before", COLUMN_JSON, .title = {"Before", "Avant"},
     .description = {"What stood, as JSON; empty if nothing did.",
                     "Ce qui valait, en JSON ; vide si rien ne valait."}},
    {"data.after", COLUMN_JSON, .title = {"After", "Après"},
     .description = {"What stands instead, as JSON; empty if nothing does.",
                     "Ce qui vaut à la place, en JSON ; vide si rien ne vaut."}},
    {"data.reason", .title = {"Reason", "Motif"},
     .description = {"Why, if it was said.", "Pourquoi, si on l'a dit."}},
    {"data.recorded_by", .not_null = true, .title = {"Recorded by", "Enregistré par"},
     .description = {"Who recorded it: the name of a token.",
                     "Qui l'a enregistré : le nom d'un jeton."}},
    {.member = NULL},
};

const struct table changes_table = {
    .address = "/v1/changes",
    .key = "id",
    .title = {"Changes of the register of ETS No. 144", "Changements du registre de la STE n° 144"},
    .description = {"A row for every change, in the order of the commits.",
                    "Une ligne pour chaque changement, dans l'ordre des validations."},
    .columns = changes_columns,
};

const struct table *const tables[] = {&states_table, &actions_table, &statistics_table,
                                      &series_table, &chart_table,   &changes_table,
                                      NULL};
