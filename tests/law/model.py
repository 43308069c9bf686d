"""The Convention told a second time, from its articles and not from sql/: where each State stands.

An action is a dict with the fields of its JSON, `reference` and `number` included. Days are
datetime.date. Nothing here asks a database.
"""

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta

CONSENTS_OF_MEMBERS = ('ratification', 'acceptance', 'approval')
CONSENTS = CONSENTS_OF_MEMBERS + ('accession',)
AT_DEPOSIT = ('chapter_exclusion', 'vote_only', 'authority_declaration',
              'territorial_declaration', 'declaration')
PERIODS = {'chapter_acceptance': 3, 'territorial_extension': 3, 'territorial_withdrawal': 6,
           'denunciation': 6}
ON_THEIR_DAY = ('derogation', 'derogation_end', 'declaration_withdrawal')


def months_rule(months, day):
    """The first day of the month that follows the end of a period of months from the day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    end = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return (end.replace(day=1) + timedelta(days=32)).replace(day=1)


def day_of(action):
    """The day an action counts as done: the last possible one, where it is not known."""
    return action.get('date') or action.get('not_after')


def received(action):
    """The day a period counts from."""
    return action.get('received_on') or day_of(action)


def entry_into_force(actions, as_of):
    """Article 12(1): three months from the day of the fourth member State's first consent; or None."""
    firsts = {}
    for action in actions:
        if action['kind'] in CONSENTS_OF_MEMBERS and day_of(action) <= as_of:
            firsts[action['state']] = min(day_of(action), firsts.get(action['state'], date.max))
    days = sorted(firsts.values())
    return months_rule(3, days[3]) if len(days) >= 4 else None


@dataclass
class Life:
    """What a State did from its first act, or its return, until its denunciation took effect."""
    actions: list = field(default_factory=list)
    bound_on: date = None

    def of(self, *kinds):
        return [action for action in self.actions if action['kind'] in kinds]

    def bind(self, in_force_on):
        """Articles 12 and 13: bound three months after its deposit, or as the depositary published,
        and never before the Convention itself."""
        if in_force_on is None:
            return
        days = [max(action.get('published_effective_date') or months_rule(3, day_of(action)),
                    in_force_on) for action in self.of(*CONSENTS)]
        self.bound_on = min(days, default=None)

    def effective_on(self, action):
        """The day an action of this life takes effect; None: it has no effect, or none yet."""
        kind = action['kind']
        if self.bound_on is None or kind in ('signature', 'communication'):
            return None
        if kind in PERIODS:
            own = months_rule(PERIODS[kind], received(action))
        elif kind in ON_THEIR_DAY:
            own = received(action)
        else:
            own = day_of(action)
        return max(action.get('published_effective_date') or own, self.bound_on)


def lives_of(actions):
    """Splits a State's actions: what is done from the day a denunciation takes effect is a new life."""
    ends = [(action, action.get('published_effective_date') or months_rule(6, received(action)))
            for action in actions if action['kind'] == 'denunciation']
    lives = [Life() for _ in range(len(ends) + 1)]
    for action in actions:
        past = sum(1 for other, end in ends if other is not action and end <= day_of(action))
        lives[past].actions.append(action)
    return lives


def last(actions):
    return max(actions, key=lambda action: (day_of(action), action['number']), default=None)


def chapters_of(life, as_of):
    """Article 1: all chapters, without those left out at deposit, with those accepted since."""
    left_out = {letter for action in life.of('chapter_exclusion') for letter in action['chapters']}
    accepted = {letter for action in life.of('chapter_acceptance')
                if life.effective_on(action) <= as_of for letter in action['chapters']}
    return [letter for letter in 'ABC' if letter not in left_out or letter in accepted]


def territories_of(life, as_of):
    """Article 16: the last word on each territory that has taken effect."""
    words = {}
    acts = sorted(life.of('territorial_declaration', 'territorial_extension',
                          'territorial_withdrawal'),
                  key=lambda action: (day_of(action), action['number']))
    for action in acts:
        if action['kind'] != 'territorial_declaration':
            effective = life.effective_on(action)
            if effective is None or effective > as_of:
                continue
        words.update({name: True for name in action.get('covered', [])})
        words.update({name: False for name in action.get('left_out', [])})
    return (sorted(name for name, covered in words.items() if covered),
            sorted(name for name, covered in words.items() if not covered))


def status(state, actions, in_force_on, as_of):
    """Where one State stands on a day, from its own actions done up to it."""
    own = [action for action in actions if action['state'] == state and day_of(action) <= as_of]
    lives = lives_of(own)
    for life in lives:
        life.bind(in_force_on)
    ended = sum(1 for life in lives for action in life.of('denunciation')
                if life.effective_on(action) is not None and life.effective_on(action) <= as_of)
    returned = ended < len(lives) and bool(lives[ended].of('signature', *CONSENTS))
    life = lives[ended] if ended == 0 or returned else lives[ended - 1]
    denunciation = last(life.of('denunciation'))
    bound = life.bound_on is not None and life.bound_on <= as_of
    if ended > 0 and not returned:
        status = 'former_party'
    elif bound and denunciation:
        status = 'party_denouncing'
    elif bound:
        status = 'party'
    elif life.of(*CONSENTS):
        status = 'contracting_state'
    elif life.of('signature'):
        status = 'signatory'
    else:
        status = 'no_action'
    party = status in ('party', 'party_denouncing')
    withdrawn = {action.get('refers_to') for action in own
                 if action['kind'] == 'declaration_withdrawal'}
    covered, left_out = territories_of(life, as_of)
    return {
        'status': status,
        'in_force_on': life.bound_on,
        'chapters': chapters_of(life, as_of) if party else [],
        'vote_only': party and any(action['reference'] not in withdrawn
                                   for action in life.of('vote_only')),
        'covered': covered,
        'left_out': left_out,
        'in_derogation': party and len(life.of('derogation')) > len(life.of('derogation_end')),
        'denunciation_effective_on': life.effective_on(denunciation) if denunciation else None,
    }


def statuses(states, memberships, actions, as_of):
    """Where every State stands on a day, and whether it was a member of the Council of Europe."""
    in_force_on = entry_into_force(actions, as_of)
    answer = {}
    for state in states:
        answer[state] = status(state, actions, in_force_on, as_of)
        answer[state]['member'] = any(
            start <= as_of and (end is None or as_of < end)
            for member, start, end in memberships if member == state)
    return answer


class History:
    """Actions as they were known from one moment to the next."""

    def __init__(self):
        self.moments = []

    def now(self):
        return dict(self.moments[-1][1]) if self.moments else {}

    def learn(self, moment, known):
        """From the moment on, these are the actions, by reference."""
        self.moments.append((moment, known))

    def known_at(self, moment):
        known = {}
        for since, actions in self.moments:
            if since > moment:
                break
            known = actions
        return list(known.values())
