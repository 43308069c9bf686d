#!/usr/bin/python3
"""The register and the model of the Convention must agree: agreement.py URL [PAIRS [ORDERS]]

Records the real actions in random orders, then a random history of records, corrections and voids,
many of which the law refuses, and compares every State's status at random pairs of legal and
knowledge time. Prints its seed first, and TAP. The URL is that of a loaded database, from whose
cluster it makes databases of its own; SEED repeats a run.
"""

import os
import random
import sys
from datetime import date, datetime, timedelta, timezone

import psycopg2
from psycopg2.extras import Json
from psycopg2.extensions import make_dsn, parse_dsn

import model

FIRST, LAST = date(1992, 2, 5), datetime.now(timezone.utc).date()
SOURCE = 'https://source.example'


class Register:
    """A database of its own, made from the loaded one; `empty`: without treaty actions."""

    def __init__(self, url, name, empty=False):
        self.name = name
        parts = parse_dsn(url)
        self.maker = psycopg2.connect(make_dsn(**{**parts, 'dbname': 'postgres'}))
        self.maker.autocommit = True
        self.maker.cursor().execute(f'drop database if exists {name} with (force)')
        self.maker.cursor().execute(f'create database {name} template {parts["dbname"]}')
        # A database made from another has not its settings.
        self.connection = psycopg2.connect(make_dsn(**{**parts, 'dbname': name}),
                                           options='-c jit=off -c timezone=UTC')
        self.connection.autocommit = True
        if empty:
            # Only who owns the whole cluster may take history away, and only from a test.
            self.rows('set session_replication_role = replica')
            self.rows('truncate register.action_version, register.action cascade')
            self.rows('set session_replication_role = origin')

    def close(self):
        self.connection.close()
        self.maker.cursor().execute(f'drop database {self.name}')
        self.maker.close()

    def rows(self, statement, values=None):
        cursor = self.connection.cursor()
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def write(self, statement, values):
        """The reference that was written, or the SQLSTATE of the law's refusal."""
        try:
            return self.rows(statement, values)[0][0], None
        except psycopg2.Error as error:
            if not (error.pgcode or '').startswith('T4'):
                raise
            return None, error.diag.constraint_name

    def record(self, document):
        return self.write("select reference from register.operation_apply('record', 'action', null, %s, %s)",
                          (Json(document), 'tests'))

    def correct(self, reference, document):
        return self.write("select reference from register.operation_apply('correct', 'action', %s, %s, %s)",
                          (reference, Json(document), 'tests'))

    def void(self, reference):
        return self.write("select reference from register.operation_apply('void', 'action', %s, %s, %s)",
                          (reference, Json({'reason': 'a test'}), 'tests'))

    def moment(self):
        return self.rows('select at from register.revision')[0][0]

    def statuses(self, as_of, known_at):
        columns = ('status', 'in_force_on', 'chapters', 'vote_only', 'covered', 'left_out',
                   'in_derogation', 'denunciation_effective_on', 'member')
        return {row[0]: dict(zip(columns, row[1:])) for row in self.rows(
            'select state, status, in_force_on, chapters, vote_only, territories_covered,'
            '       territories_left_out, in_derogation, denunciation_effective_on, member'
            '  from register.status_at(%s, %s)', (as_of, known_at))}

    def in_force_on(self, as_of, known_at):
        return self.rows('select in_force_on from register.entry_into_force(%s, %s)',
                         (as_of, known_at))[0][0]

    def states(self):
        return [row[0] for row in self.rows('select code from register.state order by code')]

    def memberships(self):
        return self.rows('select state, member_from, member_until from register.membership'
                         ' where upper_inf(recorded)')

    def documents(self):
        """Every action that stands, as the document that would record it."""
        return [row[0] for row in self.rows(
            "select jsonb_strip_nulls(to_jsonb(v) || jsonb_build_object("
            "           'state', a.state, 'territories', jsonb_build_object("
            "               'covered', v.territories_covered,"
            "               'left_out', v.territories_left_out)))"
            '  from register.action_version as v join register.action as a using (reference)'
            ' where upper_inf(v.recorded) and not v.voided order by a.state, a.number')]


def action_of(document, reference):
    """A document as the model reads it."""
    def day(name):
        return date.fromisoformat(document[name]) if document.get(name) else None
    territories = document.get('territories') or {}
    return {**{name: day(name) for name in ('date', 'not_before', 'not_after', 'received_on',
                                            'published_effective_date')},
            'reference': reference, 'state': reference[:3], 'number': int(reference[4:]),
            'kind': document['kind'], 'chapters': document.get('chapters') or [],
            'covered': territories.get('covered') or [],
            'left_out': territories.get('left_out') or [],
            'refers_to': document.get('refers_to')}


def in_some_order(random_, register, documents):
    """Records all in a random order, trying again what was refused; the actions by reference."""
    known, queue = {}, random_.sample(documents, len(documents))
    renamed = {}
    while queue:
        refused = []
        for document in queue:
            if document.get('refers_to'):
                document = {**document, 'refers_to': renamed.get(document['refers_to'], 'XXX-1')}
            reference, _ = register.record(document)
            if reference is None:
                refused.append(document)
            else:
                known[reference] = action_of(document, reference)
                renamed[document.get('reference')] = reference
        if len(refused) == len(queue):
            return known, refused
        queue = refused
    return known, []


def any_day(random_, actions):
    """A day of the Convention's time; more often one on which something happens, or its neighbour."""
    if actions and random_.random() < 0.6:
        day = model.day_of(random_.choice(actions))
        if random_.random() < 0.5:
            day = model.months_rule(random_.choice((2, 3, 4, 5, 6, 7)), day)
        day += timedelta(days=random_.choice((-1, 0, 0, 0, 1)))
    else:
        day = FIRST + timedelta(days=random_.randrange((LAST - FIRST).days + 400))
    return max(FIRST, day)


KINDS = (['signature'] * 4 + ['ratification'] * 4 + ['acceptance', 'approval'] + ['accession'] * 2
         + ['chapter_exclusion'] * 3 + ['vote_only', 'authority_declaration']
         + ['territorial_declaration'] * 2 + ['chapter_acceptance'] * 3
         + ['territorial_extension', 'territorial_withdrawal'] * 2
         + ['derogation', 'derogation', 'derogation_end'] + ['denunciation'] * 3
         + ['declaration', 'communication', 'declaration_withdrawal'])
# What an action of a kind mostly follows, so that enough of them are lawful.
FOLLOWS = {**dict.fromkeys(tuple(model.PERIODS) + model.ON_THEIR_DAY, model.CONSENTS),
           'chapter_acceptance': ('chapter_exclusion',),
           'territorial_withdrawal': ('territorial_declaration', 'territorial_extension'),
           'derogation_end': ('derogation',)}
NEEDS_CONSENT = ('chapter_exclusion', 'vote_only', 'authority_declaration',
                 'territorial_declaration')


def any_document(random_, states, actions, kind=None, state=None):
    """An action that may or may not be lawful; the law is to say."""
    kind = kind or random_.choice(KINDS)
    acted = sorted({action['state'] for action in actions})
    if state is None and kind in FOLLOWS:
        able = sorted({action['state'] for action in actions if action['kind'] in FOLLOWS[kind]})
        state = random_.choice(able) if able else None
    state = state or random_.choice(acted if acted and random_.random() < 0.6 else states)
    own = [action for action in actions if action['state'] == state]
    consents = [action for action in own if action['kind'] in model.CONSENTS]
    if kind in NEEDS_CONSENT and consents and random_.random() < 0.8:
        day = model.day_of(random_.choice(consents))
    elif kind not in ('signature', 'ratification') and consents and random_.random() < 0.8:
        day = model.months_rule(3, model.day_of(consents[-1])) + timedelta(
            days=random_.randrange(4000))
    else:
        day = any_day(random_, own)
    left = [action for action in own if action['kind'] == 'denunciation']
    if left and random_.random() < 0.5:
        # What is done on the very day a denunciation takes effect, or beside it, is the hard case.
        day = model.months_rule(6, model.received(left[-1])) + timedelta(
            days=random_.choice((-1, 0, 0, 1)))
    day = min(day, LAST)
    document = {'state': state, 'kind': kind, 'date': day.isoformat(),
                'verification': 'single_source', 'sources': [SOURCE]}
    if random_.random() < 0.15:
        document.update(verification='unconfirmed', not_after=day.isoformat(),
                        not_before=(day - timedelta(days=random_.randrange(400))).isoformat())
        del document['date']
        document['not_before'] = max(document['not_before'], FIRST.isoformat())
    if kind == 'denunciation' and random_.random() < 0.2:
        document['received_on'] = min(LAST, day + timedelta(days=random_.randrange(40))).isoformat()
    if kind in model.CONSENTS + tuple(model.PERIODS) and random_.random() < 0.3:
        published = model.months_rule(model.PERIODS.get(kind, 3) + random_.choice((-1, 0, 1)), day)
        document['published_effective_date'] = published.isoformat()
    if kind in ('chapter_exclusion', 'chapter_acceptance'):
        document['chapters'] = random_.choice((['B'], ['C'], ['C'], ['B', 'C']))
    if kind.startswith('territorial_'):
        names = random_.sample(('XA', 'XB', 'XC'), random_.randrange(1, 3))
        document['territories'] = {
            'territorial_declaration': {'covered': names[:1], 'left_out': names[1:]},
            'territorial_extension': {'covered': names},
            'territorial_withdrawal': {'left_out': names}}[kind]
    if kind == 'declaration_withdrawal' and own:
        document['refers_to'] = random_.choice(own)['reference']
    return document


def live(random_, register, writes):
    """A random history on top of the record: what was accepted, as the model follows it."""
    history, refusals, accepted = model.History(), {}, 0
    known = {document['reference']: action_of(document, document['reference'])
             for document in register.documents()}
    history.learn(register.moment(), dict(known))
    states = register.states()
    for _ in range(writes):
        actions, dice = list(known.values()), random_.random()
        if dice < 0.7:
            document = any_document(random_, states, actions)
            reference, refusal = register.record(document)
        else:
            chosen = random_.choice(actions)
            reference, document = chosen['reference'], None
            if dice < 0.9:
                document = any_document(random_, states, actions, chosen['kind'], chosen['state'])
                reference, refusal = register.correct(reference, {**document, 'reason': 'a test'})
            else:
                reference, refusal = register.void(reference)
        if reference is None:
            refusals[refusal] = refusals.get(refusal, 0) + 1
            continue
        accepted += 1
        if document is None:
            del known[reference]
        else:
            known[reference] = action_of(document, reference)
        history.learn(register.moment(), dict(known))
    return history, accepted, refusals


def difference(register, history, memberships, as_of, known_at):
    """The first disagreement at a pair, in words (None: there is none), and the statuses seen."""
    actions = history.known_at(known_at)
    told = register.statuses(as_of, known_at)
    statuses = {answer['status'] for answer in told.values()}
    mine = model.statuses(told, memberships, actions, as_of)
    for state, answer in told.items():
        if answer != mine[state]:
            wrong = [name for name in answer if answer[name] != mine[state][name]]
            return '; '.join(f'as_of {as_of}, known_at {known_at}, {state}: {name} is'
                             f' {answer[name]} in the register, {mine[state][name]} in the model'
                             for name in wrong), statuses
    theirs = register.in_force_on(as_of, known_at)
    if theirs != model.entry_into_force(actions, as_of):
        return f'as_of {as_of}, known_at {known_at}: in force on {theirs}', statuses
    return None, statuses


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, good, sentence, *notes):
        self.count += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.count} - {sentence}', flush=True)
        for note in notes if not good else ():
            print(f'#   {note}')


def check_orders(tap, random_, url, orders):
    loaded = Register(url, 'model_loaded')
    documents, memberships = loaded.documents(), loaded.memberships()
    days = [date(1992, 2, 4), LAST] + [any_day(random_, [
        action_of(document, document['reference']) for document in documents]) for _ in range(12)]
    for order in range(orders):
        register = Register(url, f'model_order_{order}', empty=True)
        known, refused = in_some_order(random_, register, documents)
        tap.ok(not refused and len(known) == len(documents),
               f'every action of the record is accepted in the end (order {order + 1})', refused)
        now = register.moment()
        wrong = [day for day in days if register.statuses(day, now) != loaded.statuses(
            day, loaded.moment())]
        tap.ok(not wrong, f'and every State ends where it stands (order {order + 1})', wrong)
        history = model.History()
        history.learn(now, known)
        wrong = [found for day in days
                 if (found := difference(register, history, memberships, day, now)[0])]
        tap.ok(not wrong, f'as the model has it (order {order + 1})', *wrong)
        register.close()
    loaded.close()


def check_pairs(tap, random_, url, pairs):
    register = Register(url, 'model_history')
    memberships = register.memberships()
    history, accepted, refusals = live(random_, register, max(600, pairs // 10))
    print(f'# {accepted} writes accepted; refused: {sum(refusals.values())}, by'
          f' {len(refusals)} rules')
    tap.ok(accepted >= 40 and len(refusals) >= 8,
           'the history has what the law accepts and what it refuses', accepted, refusals)
    moments = [moment for moment, _ in history.moments]
    wrong, statuses = [], set()
    for _ in range(pairs):
        known_at = random_.choice(moments) + timedelta(
            microseconds=random_.choice((0, 0, 1, -1)))
        known_at = max(known_at, moments[0])
        as_of = any_day(random_, history.known_at(known_at))
        found, seen = difference(register, history, memberships, as_of, known_at)
        if found:
            wrong.append(found)
        statuses |= seen
    tap.ok(not wrong, f'model and register agree on {pairs} pairs of times', *wrong[:5])
    tap.ok(len(statuses) == 6, 'and the pairs saw every status', sorted(statuses))
    findings = register.rows('select subject, reference, detail from register.audit()'
                             ' union all select subject, reference, detail'
                             '  from register.revision as r'
                             ' cross join register.audit_published(0, r.number)')
    tap.ok(not findings, 'and the audit has nothing to say of the history', *findings[:5])
    register.close()


def main():
    url = sys.argv[1]
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    orders = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    seed = int(os.environ.get('SEED') or random.SystemRandom().randrange(1_000_000_000))
    print(f'# seed {seed}; SEED={seed} repeats this run')
    tap = Tap()
    check_orders(tap, random.Random(seed), url, orders)
    check_pairs(tap, random.Random(seed + 1), url, pairs)
    print(f'1..{tap.count}')
    return tap.failed > 0


if __name__ == '__main__':
    sys.exit(main())
