-- The closed vocabularies: every code of the API with its name, definition and article. What the
-- rules need to know of a kind is data here as well.
begin;
set local role ets144_owner;

create function register.in_language(lang text, en text, fr text) returns text
    language sql immutable parallel safe
    return case lang when 'fr' then coalesce(fr, en) else coalesce(en, fr) end;
comment on function register.in_language is
    'The text in the language asked for, French or English; the other language fills in for a '
    'missing text.';

-- The empty list is by far the most common, and to_json() looks its type up for each row.
create function register.json_list(list text[]) returns json
    language sql stable parallel safe
    return case when cardinality(list) = 0 then '[]' else to_json(list) end;
comment on function register.json_list is
    'A list of texts as JSON; null: null.';

create table register.vocabulary_term (
    vocabulary text not null,
    place integer not null,
    code text not null,
    article text,
    name_en text not null,
    name_fr text not null,
    definition_en text not null,
    definition_fr text not null,
    primary key (vocabulary, code),
    unique (vocabulary, place)
);

insert into register.vocabulary_term
    (vocabulary, place, code, article, name_en, name_fr, definition_en, definition_fr)
values
    ('statuses', 1, 'no_action', null, 'No action', 'Aucun acte',
     'The State has neither signed nor consented to be bound.',
     'L’État n’a ni signé ni consenti à être lié.'),
    ('statuses', 2, 'signatory', '11', 'Signatory', 'Signataire',
     'The State has signed and has not consented to be bound.',
     'L’État a signé et n’a pas consenti à être lié.'),
    ('statuses', 3, 'contracting_state', '12', 'Contracting State', 'État contractant',
     'The State has consented to be bound; the Convention is not yet in force for it.',
     'L’État a consenti à être lié ; la Convention n’est pas encore en vigueur à son égard.'),
    ('statuses', 4, 'party', '12', 'Party', 'Partie',
     'The Convention is in force for the State. Which chapters bind it is told apart.',
     'La Convention est en vigueur à l’égard de l’État. Les chapitres qui le lient sont indiqués à part.'),
    ('statuses', 5, 'party_denouncing', '18', 'Party that has denounced',
     'Partie ayant dénoncé',
     'A denunciation was received and has not taken effect yet; until then the State is bound.',
     'Une dénonciation a été reçue et n’a pas encore pris effet ; d’ici là, l’État reste lié.'),
    ('statuses', 6, 'former_party', '18', 'Former Party', 'Ancienne Partie',
     'The State was a Party until its denunciation took effect, or until it ceased to exist.',
     'L’État a été Partie jusqu’à la prise d’effet de sa dénonciation ou la fin de son existence comme État.'),

    ('chapters', 1, 'A', '3-4', 'Freedoms of expression, assembly and association',
     'Libertés d’expression, de réunion et d’association',
     'Binds every Party; it cannot be left out.',
     'Lie toute Partie ; il ne peut être exclu.'),
    ('chapters', 2, 'B', '5', 'Consultative bodies to represent foreign residents',
     'Organismes consultatifs représentant les résidents étrangers',
     'May be left out when depositing, and accepted later.',
     'Peut être exclu lors du dépôt et accepté plus tard.'),
    ('chapters', 3, 'C', '6-7', 'Right to vote in local authority elections',
     'Droit de vote aux élections locales',
     'May be left out when depositing and accepted later, or limited to voting without standing for election.',
     'Peut être exclu lors du dépôt et accepté plus tard, ou limité au vote sans éligibilité.'),

    ('date_rules', 1, 'three_months', '12(2)', 'Three-month rule', 'Règle des trois mois',
     'The first day of the month after three months have passed from the day of the deposit or receipt.',
     'Le premier jour du mois qui suit l’expiration de trois mois après le jour du dépôt ou de la réception.'),
    ('date_rules', 2, 'six_months', '18', 'Six-month rule', 'Règle des six mois',
     'The first day of the month after six months have passed from the day of receipt.',
     'Le premier jour du mois qui suit l’expiration de six mois après le jour de la réception.'),
    ('date_rules', 3, 'entry_into_force', '12(1)', 'With the Convention', 'Avec la Convention',
     'The day the Convention itself enters into force: the three-month rule from the fourth member State''s consent. No State is bound before.',
     'Le jour où la Convention elle-même entre en vigueur : règle des trois mois à partir du consentement du quatrième État membre. Aucun État n’est lié avant.'),
    ('date_rules', 4, 'with_consent', null, 'With the State''s being bound',
     'Avec l’engagement de l’État',
     'What is declared when signing or depositing takes effect on the day the Convention enters into force for the State, and not before.',
     'Ce qui est déclaré à la signature ou au dépôt prend effet le jour où la Convention entre en vigueur à l’égard de l’État, et non avant.'),
    ('date_rules', 5, 'on_its_day', null, 'On its day', 'À sa date',
     'Takes effect on the day it is notified, while the State is bound.',
     'Prend effet le jour de sa notification, tant que l’État est lié.'),
    ('date_rules', 6, 'published', null, 'As published', 'Telle que publiée',
     'The depositary published another day than the rule gives; the published day decides, but nothing takes effect before the State is bound.',
     'Le dépositaire a publié un autre jour que celui de la règle ; le jour publié décide, mais rien ne prend effet avant que l’État ne soit lié.'),

    ('stages', 1, 'no_information', null, 'No information', 'Aucune information',
     'Nothing is known of the State''s intentions.',
     'Rien n’est connu des intentions de l’État.'),
    ('stages', 2, 'no_plan', null, 'No plan', 'Aucun projet',
     'The State has said that it does not plan to become a Party.',
     'L’État a fait savoir qu’il n’envisage pas de devenir Partie.'),
    ('stages', 3, 'under_study', null, 'Under study', 'À l’étude',
     'The government examines signature or ratification.',
     'Le gouvernement examine la signature ou la ratification.'),
    ('stages', 4, 'consultation', null, 'Consultation', 'Consultation',
     'Authorities or the public are consulted on becoming a Party.',
     'Les autorités ou le public sont consultés sur l’adhésion de l’État à la Convention.'),
    ('stages', 5, 'bill_tabled', null, 'Bill tabled', 'Projet de loi déposé',
     'A bill that authorises ratification is before parliament.',
     'Un projet de loi autorisant la ratification est devant le parlement.'),
    ('stages', 6, 'approved_by_parliament', null, 'Approved by parliament',
     'Approuvé par le parlement',
     'Parliament has authorised ratification.', 'Le parlement a autorisé la ratification.'),
    ('stages', 7, 'instrument_pending', null, 'Instrument pending', 'Instrument en attente',
     'Everything is decided at home; the instrument is still to be deposited.',
     'Tout est décidé au plan interne ; l’instrument reste à déposer.'),

    ('visibilities', 1, 'public', null, 'Public', 'Public',
     'Everyone may read it.', 'Chacun peut le lire.'),
    ('visibilities', 2, 'internal', null, 'Internal', 'Interne',
     'Only the secretariat may read it.', 'Seul le secrétariat peut le lire.'),

    ('outcomes', 1, 'open', null, 'Open', 'Ouverte',
     'The matter is still to be settled.', 'L’affaire reste à régler.'),
    ('outcomes', 2, 'accepted', null, 'Accepted', 'Acceptée',
     'The matter was checked, and is left as it is.',
     'L’affaire a été vérifiée et laissée telle quelle.'),

    ('bodies', 1, 'congress', null, 'Congress of Local and Regional Authorities',
     'Congrès des pouvoirs locaux et régionaux',
     'The Council of Europe''s assembly of local and regional authorities.',
     'L’assemblée des collectivités locales et régionales du Conseil de l’Europe.'),
    ('bodies', 2, 'committee_of_ministers', null, 'Committee of Ministers',
     'Comité des Ministres',
     'The Council of Europe''s decision-making body, of the governments.',
     'L’organe de décision du Conseil de l’Europe, formé des gouvernements.'),
    ('bodies', 3, 'parliamentary_assembly', null, 'Parliamentary Assembly',
     'Assemblée parlementaire',
     'The Council of Europe''s assembly of members of national parliaments.',
     'L’assemblée de membres des parlements nationaux du Conseil de l’Europe.'),
    ('bodies', 4, 'conference', null, 'Conference', 'Conférence',
     'A conference held under the Council of Europe''s auspices.',
     'Une conférence tenue sous l’égide du Conseil de l’Europe.'),

    ('requests', 1, 'signature', '11', 'Signature', 'Signature',
     'The call asks States to sign.', 'L’appel demande aux États de signer.'),
    ('requests', 2, 'consent', '11', 'Consent to be bound', 'Consentement à être lié',
     'The call asks States to ratify, accept, approve or accede.',
     'L’appel demande aux États de ratifier, d’accepter, d’approuver ou d’adhérer.'),

    ('changes', 1, 'signature', '19', 'Signature', 'Signature',
     'A signature was recorded, corrected or voided.',
     'Une signature a été enregistrée, corrigée ou annulée.'),
    ('changes', 2, 'instrument', '19', 'Instrument', 'Instrument',
     'The deposit of an instrument of ratification, acceptance, approval or accession, or a succession, was recorded, corrected or voided.',
     'Le dépôt d’un instrument de ratification, d’acceptation, d’approbation ou d’adhésion, ou une succession, a été enregistré, corrigé ou annulé.'),
    ('changes', 3, 'entry_into_force', '19', 'Entry into force', 'Entrée en vigueur',
     'The day of entry into force is new, another or gone: that of the Convention itself, or that for a State.',
     'Le jour de l’entrée en vigueur est nouveau, autre ou supprimé : celui de la Convention elle-même, ou celui qui vaut pour un État.'),
    ('changes', 4, 'chapter_acceptance', '19', 'Acceptance of chapters', 'Acceptation de chapitres',
     'The acceptance of a chapter that had been left out was recorded, corrected or voided.',
     'L’acceptation d’un chapitre qui avait été exclu a été enregistrée, corrigée ou annulée.'),
    ('changes', 5, 'derogation', '19', 'Derogation', 'Dérogation',
     'Measures of derogation, or their end, were recorded, corrected or voided.',
     'Des mesures de dérogation, ou leur fin, ont été enregistrées, corrigées ou annulées.'),
    ('changes', 6, 'other_act', '19', 'Other act', 'Autre acte',
     'Any other act, declaration or communication was recorded, corrected or voided.',
     'Tout autre acte, déclaration ou communication a été enregistré, corrigé ou annulé.'),
    ('changes', 7, 'status', null, 'Status', 'Statut',
     'Where a State stands, on whichever day, past or to come: its whole line of periods.',
     'La situation d’un État, à quelque jour que ce soit, passé ou à venir : toute la suite de ses périodes.'),
    ('changes', 8, 'call', null, 'Call', 'Appel',
     'A text that asks States to sign or ratify was recorded, corrected or voided.',
     'Un texte demandant aux États de signer ou de ratifier a été enregistré, corrigé ou annulé.'),
    ('changes', 9, 'outlook', null, 'Outlook', 'Perspectives',
     'Where a State stands on the way to ratification was recorded, corrected or voided.',
     'L’avancement d’un État vers la ratification a été enregistré, corrigé ou annulé.'),
    ('changes', 10, 'state', null, 'State', 'État',
     'A State entered the register, or its codes or names changed.',
     'Un État est entré au registre, ou ses codes ou ses noms ont changé.'),
    ('changes', 11, 'membership', null, 'Membership', 'Qualité de membre',
     'A State''s membership of the Council of Europe was recorded, corrected or voided.',
     'La qualité de membre du Conseil de l’Europe d’un État a été enregistrée, corrigée ou annulée.'),
    ('changes', 12, 'reply', null, 'Reply', 'Réponse',
     'The reply of a State or of a body to a call was recorded, corrected or voided.',
     'La réponse d’un État ou d’un organe à un appel a été enregistrée, corrigée ou annulée.'),
    ('changes', 13, 'note', null, 'Note', 'Note',
     'A note of the secretariat on an anomaly or a difference was recorded, corrected or voided.',
     'Une note du secrétariat sur une anomalie ou une divergence a été enregistrée, corrigée ou annulée.'),

    ('events', 1, 'recorded', null, 'Recorded', 'Enregistré',
     'It is new to the register.', 'L’élément est nouveau au registre.'),
    ('events', 2, 'corrected', null, 'Corrected', 'Corrigé',
     'What the register held was replaced by another version.',
     'Ce que portait le registre a été remplacé par une autre version.'),
    ('events', 3, 'voided', null, 'Voided', 'Annulé',
     'The register holds it no more.', 'Le registre ne le porte plus.'),
    ('events', 4, 'changed', null, 'Changed', 'Changé',
     'It follows otherwise from what the register holds.',
     'Ce qui découle du contenu du registre a changé.');

create table register.kind (
    code text primary key,
    place integer not null unique,          -- the order in which actions of one day count
    category text not null
        check (category in ('signature', 'consent', 'deposit', 'later', 'other')),
    -- when it takes effect: when the State is bound, by an n-month rule, on its day, or never
    effect text not null check (effect in ('bound', 'months', 'day', 'none')),
    months integer check ((effect = 'months') = (months is not null)),
    article text,
    name_en text not null,
    name_fr text not null,
    definition_en text not null,
    definition_fr text not null
);

insert into register.kind
    (place, code, category, effect, months, article, name_en, name_fr, definition_en, definition_fr)
values
    (1, 'signature', 'signature', 'none', null, '11', 'Signature', 'Signature',
     'A member State signs, subject to ratification, acceptance or approval.',
     'Un État membre signe, sous réserve de ratification, d’acceptation ou d’approbation.'),
    (2, 'ratification', 'consent', 'bound', null, '11', 'Ratification', 'Ratification',
     'A signatory deposits its instrument of ratification.',
     'Un signataire dépose son instrument de ratification.'),
    (3, 'acceptance', 'consent', 'bound', null, '11', 'Acceptance', 'Acceptation',
     'A signatory deposits its instrument of acceptance.',
     'Un signataire dépose son instrument d’acceptation.'),
    (4, 'approval', 'consent', 'bound', null, '11', 'Approval', 'Approbation',
     'A signatory deposits its instrument of approval.',
     'Un signataire dépose son instrument d’approbation.'),
    (5, 'accession', 'consent', 'bound', null, '13', 'Accession', 'Adhésion',
     'A State that is not a member accedes, on invitation, to the Convention in force.',
     'Un État non membre adhère, sur invitation, à la Convention en vigueur.'),
    (6, 'chapter_exclusion', 'deposit', 'bound', null, '1(1)', 'Exclusion of chapters',
     'Exclusion de chapitres',
     'When depositing, a State leaves out Chapter B, Chapter C or both.',
     'Lors du dépôt, un État exclut le chapitre B, le chapitre C ou les deux.'),
    (7, 'vote_only', 'deposit', 'bound', null, '6(2)', 'Right to vote only',
     'Droit de vote seulement',
     'When depositing, a State limits Chapter C to voting, without standing for election.',
     'Lors du dépôt, un État limite le chapitre C au vote, sans éligibilité.'),
    (8, 'authority_declaration', 'deposit', 'bound', null, '15', 'Declaration on authorities',
     'Déclaration sur les collectivités',
     'When depositing, a State names the categories of authority that are covered or left out.',
     'Lors du dépôt, un État désigne les catégories de collectivités visées ou exclues.'),
    (9, 'territorial_declaration', 'deposit', 'bound', null, '16(1)', 'Territorial declaration',
     'Déclaration territoriale',
     'When signing or depositing, a State names the territories that are covered or left out.',
     'Lors de la signature ou du dépôt, un État désigne les territoires visés ou exclus.'),
    (10, 'chapter_acceptance', 'later', 'months', 3, '1(2)', 'Acceptance of chapters',
     'Acceptation de chapitres',
     'A Party accepts a chapter that it had left out.',
     'Une Partie accepte un chapitre qu’elle avait exclu.'),
    (11, 'territorial_extension', 'later', 'months', 3, '16(2)', 'Territorial extension',
     'Extension territoriale',
     'A State extends the Convention to another territory.',
     'Un État étend la Convention à un autre territoire.'),
    (12, 'territorial_withdrawal', 'later', 'months', 6, '16(3)', 'Territorial withdrawal',
     'Retrait territorial',
     'A State withdraws what it had declared for a territory.',
     'Un État retire ce qu’il avait déclaré pour un territoire.'),
    (13, 'derogation', 'later', 'day', null, '9(4)', 'Derogation', 'Dérogation',
     'A Party notifies measures that derogate from its obligations in an emergency.',
     'Une Partie notifie des mesures dérogeant à ses obligations en cas d’urgence.'),
    (14, 'derogation_end', 'later', 'day', null, '9(4)', 'End of derogation',
     'Fin de dérogation',
     'A Party notifies that measures of derogation have ended.',
     'Une Partie notifie que des mesures de dérogation ont pris fin.'),
    (15, 'denunciation', 'later', 'months', 6, '18', 'Denunciation', 'Dénonciation',
     'A Party denounces the Convention.',
     'Une Partie dénonce la Convention.'),
    (16, 'declaration', 'other', 'bound', null, null, 'Declaration', 'Déclaration',
     'A State declares something else about the Convention.',
     'Un État déclare autre chose au sujet de la Convention.'),
    (17, 'communication', 'other', 'none', null, null, 'Communication', 'Communication',
     'A State communicates something that changes no obligation.',
     'Un État communique une information qui ne modifie aucune obligation.'),
    (18, 'declaration_withdrawal', 'other', 'day', null, null, 'Withdrawal of a declaration',
     'Retrait d’une déclaration',
     'A State withdraws a declaration that it had made.',
     'Un État retire une déclaration qu’il avait faite.'),
    (19, 'signature_succession', 'signature', 'none', null, null, 'Succession to a signature',
     'Succession à une signature',
     'A successor State takes the place of its predecessor as a signatory (Vienna Convention on Succession of States in respect of Treaties, 1978, Articles 19 and 37).',
     'Un État successeur prend la place de son prédécesseur comme signataire (Convention de Vienne sur la succession d’États en matière de traités, 1978, articles 19 et 37).'),
    (20, 'succession', 'consent', 'bound', null, null, 'Succession', 'Succession',
     'A successor State is bound, from the day of the succession, by the consent of its predecessor: it notifies its succession, or the treaty continues in force after a separation (Vienna Convention on Succession of States in respect of Treaties, 1978, Articles 17, 23 and 34).',
     'Un État successeur est lié, à compter de la date de la succession, par le consentement de son prédécesseur : il notifie sa succession, ou le traité reste en vigueur après une séparation (Convention de Vienne sur la succession d’États en matière de traités, 1978, articles 17, 23 et 34).');

create table register.verification (
    code text primary key,
    place integer not null unique,
    sources_needed integer not null,
    name_en text not null,
    name_fr text not null,
    definition_en text not null,
    definition_fr text not null
);

insert into register.verification
    (place, code, sources_needed, name_en, name_fr, definition_en, definition_fr)
values
    (1, 'confirmed', 2, 'Confirmed', 'Confirmé', 'Two or more published sources agree.',
     'Deux sources publiées ou plus concordent.'),
    (2, 'single_source', 1, 'Single source', 'Source unique', 'One published source says so.',
     'Une source publiée l’indique.'),
    (3, 'unconfirmed', 0, 'Unconfirmed', 'Non confirmé', 'The fact is sure; its day is not.',
     'Le fait est certain ; son jour ne l’est pas.');

create table register.anomaly (
    code text primary key,
    place integer not null unique,
    article text,
    name_en text not null,
    name_fr text not null,
    definition_en text not null,
    definition_fr text not null,
    remedy_en text not null,
    remedy_fr text not null
);

insert into register.anomaly
    (place, code, article, name_en, name_fr, definition_en, definition_fr, remedy_en, remedy_fr)
values
    (1, 'effective_date_differs', '12', 'The published effective date is not the one the rule gives',
     'La date d’effet publiée n’est pas celle que donne la règle',
     'The depositary published one day and the Convention''s rule gives another. The published one decides.',
     'Le dépositaire a publié un jour et la règle de la Convention en donne un autre. C’est le jour publié qui décide.',
     'Compare with the depositary''s notification; correct the published date, or the day it counts from.',
     'Comparez avec la notification du dépositaire ; corrigez la date publiée, ou le jour dont elle part.'),
    (2, 'effective_before_bound', '12', 'Published as effective before the State is bound',
     'Publié comme prenant effet avant que l’État ne soit lié',
     'An action is published with an effective date on which the Convention was not in force for the State.',
     'Un acte est publié avec une date d’effet à laquelle la Convention n’était pas en vigueur à l’égard de l’État.',
     'The published date decides nothing; check it for a misprint.',
     'La date publiée ne décide rien ; vérifiez s’il s’agit d’une coquille.'),
    (3, 'day_unconfirmed', null, 'The day is not confirmed', 'Le jour n’est pas confirmé',
     'That it happened is sure; on which day is not.',
     'Le fait est certain ; son jour ne l’est pas.',
     'Find a published source for the day, and correct the action with it.',
     'Trouvez une source publiée pour le jour, et corrigez l’acte en conséquence.'),
    (4, 'signature_day_unknown', '11', 'Consent, but the day of the signature is not known',
     'Consentement, mais le jour de la signature n’est pas connu',
     'The State has consented to be bound, and the day of the signature that it ratified is not known.',
     'L’État a consenti à être lié, et le jour de la signature qu’il a ratifiée n’est pas connu.',
     'Find the day of the signature; it counts from its last possible day until then.',
     'Trouvez le jour de la signature ; d’ici là, elle compte à partir du dernier jour possible.'),
    (5, 'text_missing', null, 'A declaration without its articles or text',
     'Une déclaration sans articles ni texte',
     'What was declared is not said: the action names no article.',
     'Ce qui a été déclaré n’est pas dit : l’acte ne désigne aucun article.',
     'Enter the text from the Treaty Office''s list.',
     'Reprenez le texte de la liste du Bureau des Traités.'),
    (6, 'sources_disagree', null, 'Published sources disagree', 'Des sources publiées divergent',
     'Published sources give different days for one fact.',
     'Des sources publiées donnent des jours différents pour un même fait.',
     'Settle which source is right, and note why.',
     'Établissez quelle source est exacte, et notez pourquoi.');

-- Every vocabulary in one list.
create view register.vocabulary with (security_invoker = true) as
select term.vocabulary, term.place, term.code, term.article, term.name_en, term.name_fr,
       term.definition_en, term.definition_fr, null::text as remedy_en, null::text as remedy_fr
  from register.vocabulary_term as term
 union all
select 'kinds', kind.place, kind.code, kind.article, kind.name_en, kind.name_fr,
       kind.definition_en, kind.definition_fr, null, null
  from register.kind
 union all
select 'verifications', verification.place, verification.code, null, verification.name_en,
       verification.name_fr, verification.definition_en, verification.definition_fr, null, null
  from register.verification
 union all
select 'anomalies', anomaly.place, anomaly.code, anomaly.article, anomaly.name_en,
       anomaly.name_fr, anomaly.definition_en, anomaly.definition_fr, anomaly.remedy_en,
       anomaly.remedy_fr
  from register.anomaly;

commit;
