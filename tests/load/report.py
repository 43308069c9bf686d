"""Figures of a run as ratios: report.py FIGURES [RESULTS.md]

FIGURES has lines of case, contestant and figure. What stands in RESULTS.md between marks is kept by
hand, or is the soak's, and is carried over.
"""

import math
import platform
import re
import statistics
import subprocess
import sys
from collections import namedtuple
from datetime import datetime, timezone

# own and rival are contestants of the case; the ratio is own by rival, of each round. Without a rival the
# goal is of own's figure itself.
Row = namedtuple('Row', 'title case own beside rival goal unit', defaults=('a second',))

ROWS = [
    Row('item', 'item', 'service', 'nginx', 'nginx', '>= 1.0'),
    Row('item', 'item', 'service', 'a bare epoll loop', 'epoll', '>= 0.90'),
    Row('list', 'list', 'service', 'nginx', 'nginx', '>= 1.0'),
    Row('list', 'list', 'service', 'a bare epoll loop', 'epoll', '>= 0.90'),
    Row('list', 'list', 'service', 'libmicrohttpd alone', 'libmicrohttpd', None),
    Row('list', 'list', 'service', 'Fastify', 'fastify', '>= 30'),
    Row('list', 'list', 'service', 'FastAPI', 'fastapi', None),
    Row('304', '304', 'service', 'nginx', 'nginx', '>= 1.2'),
    Row('304', '304', 'service', 'a bare epoll loop', 'epoll', '>= 0.90'),
    Row('304', '304', 'service', 'libmicrohttpd alone', 'libmicrohttpd', None),
    Row('gzip', 'gzip', 'service', 'nginx', 'nginx', None),
    Row('cold list, any day', 'cold-list', 'service', 'a flat table of the rows as JSON, pgbench', 'flat', '>= 0.5'),
    Row('cold State, any day', 'cold-item', 'service', 'a row of that table, pgbench', 'flat', '>= 0.5'),
    Row('the statement of the list, any day, pgbench', 'cold-list-in-sql', 'service',
        'that table, pgbench', 'flat', None),
    Row('write of an act', 'write', 'service', 'its rows inserted bare, pgbench', 'bare', '>= 0.3'),
    Row('a change shows on another replica, median', 'freshness', 'p50', '', None, None, 'ms'),
    Row('a change shows on another replica, p99', 'freshness', 'p99', '', None, '<= 20', 'ms'),
    Row('series by month, 10,000 acts', 'series', 'many', '10 acts', 'ten', '<= 1.5', 'ms'),
    Row('import of 10,000 rows that all move a State, a row', 'import', '10000', '1,000 rows', '1000', '<= 1.5', 'µs'),
    Row('a write after 10,000 acts of another State', 'write-after', 'many', 'the real record', 'few', '<= 2', 'ms'),
    Row('a write after 10,000 acts of its State', 'write-after-own', 'many', 'the real record', 'few', '<= 2', 'ms'),
    Row('list, a million versions, pgbench', 'list-of-versions', 'million', 'a hundred', 'hundred', '<= 1.2', 'ms'),
    Row('State, a million versions, pgbench', 'item-of-versions', 'million', 'a hundred', 'hundred', '<= 1.2', 'ms'),
    Row('`ets144 check`, 10,000 revisions', 'check', 'thousands', '1,000', 'thousand', '<= 12', 's'),
    Row('`ets144 check`, 10,000 revisions', 'check', 'thousands', '', None, '<= 120', 's'),
    Row('item beside 5,000 slow clients', 'slow-clients', 'with', 'without', 'without', None),
    Row('cached list beside 40 cold questions a second, p99', 'cold-questions', 'attacked', 'without', 'quiet',
        '<= 3', 'ms'),
    Row('dashboards', 'dashboards-asked', 'own', '', None, '>= 10000', ''),
    Row('dashboards, p99', 'dashboards', 'own', 'nginx', 'nginx', '<= 1.0', 'ms'),
    Row('dashboards, errors', 'dashboard-errors', 'own', '', None, '<= 0', ''),
    Row('memory of the service in the end', 'memory', 'service', '', None, '<= 150', 'MB'),
]
BY_HAND = ('<!-- by hand -->', '<!-- end -->')
SOAK = ('<!-- soak -->', '<!-- end of soak -->')


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


def carried_over(results, marks, otherwise):
    try:
        with open(results, encoding='utf-8') as old:
            return re.search(f'{marks[0]}.*?{marks[1]}', old.read(), re.S).group()
    except (FileNotFoundError, AttributeError):
        return otherwise


def figures_of(path):
    figures = {}
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            case, who, figure = line.split()
            figures.setdefault((case, who), []).append(float(figure))
    return figures


def shown(figure, unit):
    if not math.isfinite(figure):
        return 'none'
    digits = 0 if figure >= 100 or figure == int(figure) else 1 if figure >= 10 else 2
    return f'{figure:.{digits}f} {unit}'.strip()


def shown_ratio(ratio):
    return f'{ratio:.3f}' if ratio < 0.1 else f'{ratio:.2f}'


def verdict(figure, goal):
    if goal is None:
        return ''
    sign, limit = goal.split()
    return 'met' if (figure >= float(limit) if sign == '>=' else figure <= float(limit)) else 'missed'


def cells(row, figures):
    """The cells of a row of the table; None: the case was not run."""
    own = figures.get((row.case, row.own))
    if own is None:
        return None
    figure = shown(statistics.median(own), row.unit)
    if row.rival is None:
        goal = f'{row.goal} {row.unit}'.strip() if row.goal else ''
        return (row.title, '', '', '', goal, verdict(statistics.median(own), row.goal), figure, '')
    theirs = figures[row.case, row.rival]
    ratios = [mine / rival if rival else math.nan for mine, rival in zip(own, theirs)]
    median = statistics.median(ratios)
    return (row.title, row.beside, shown_ratio(median),
            f'{shown_ratio(min(ratios))}-{shown_ratio(max(ratios))}', row.goal or '',
            verdict(median, row.goal), figure, shown(statistics.median(theirs), row.unit))


def write_results(results, table):
    kept = carried_over(results, BY_HAND, '\n'.join(BY_HAND))
    soak = carried_over(results, SOAK, '')
    with open('/proc/cpuinfo', encoding='utf-8') as cpus:
        model = re.search(r'model name\s*: (.*)', cpus.read()).group(1)
    now = datetime.now(timezone.utc).strftime('%Y-%m-%d')
    with open(results, 'w', encoding='utf-8') as new:
        new.write(f'''# How fast

`make bench` wrote this on {now}: {model}, {said('nproc')} cores, Linux {platform.release()}; the clients ran on
the same cores, and the database without fsync, for the service and its rivals alike. Each ratio is the
service's figure by the rival's in the same round; a figure is the median of the rounds.

{table}

{said('nginx', '-v')}; h2load {said('h2load', '--version')};
{said('wrk', '-v').split(' Copyright')[0]}; {said('psql', '--version')}; Node.js
{said('node', '--version')}; {said('dpkg-query', '-W', '-f', '${Package} ${Version}', 'libmicrohttpd12')};
{said('dpkg-query', '-W', '-f', '${Package} ${Version}', 'libulfius2.7')}.

## What each change gave

{kept}
''' + (f'\n{soak}\n' if soak else ''))


def main():
    figures = figures_of(sys.argv[1])
    rows = [row for row in (cells(row, figures) for row in ROWS) if row is not None]
    head = ('case', 'beside', 'ratio', 'spread', 'goal', '', 'the service', 'the rival')
    table = '\n'.join('| ' + ' | '.join(row) + ' |' for row in (head, ('---',) * len(head), *rows))
    print(table)
    if len(sys.argv) > 2:
        write_results(sys.argv[2], table)


main()
