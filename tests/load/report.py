"""Figures of a run as ratios: report.py FIGURES DASHBOARDS RESULTS.md

FIGURES has lines of case, contestant and figure. What stands in RESULTS.md between marks is kept by
hand, or is the soak's, and is carried over.
"""

import platform
import re
import statistics
import subprocess
import sys
from datetime import datetime, timezone

GOALS = [('item', 'nginx', 1.0), ('list', 'nginx', 1.0), ('304', 'nginx', 1.2),
         ('gzip', 'nginx', None), ('list', 'libmicrohttpd', None), ('304', 'libmicrohttpd', None),
         ('list', 'fastify', 30), ('list', 'fastapi', None), ('cold', 'pgbench', 0.5), ('write', 'pgbench', 0.5)]
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


def main():
    path, dashboards, results = sys.argv[1:]
    figures = {}
    with open(path, encoding='utf-8') as lines:
        for line in lines:
            case, who, figure = line.split()
            figures.setdefault((case, who), []).append(float(figure))
    rows = []
    for case, rival, goal in GOALS:
        ratios = [own / theirs for own, theirs in zip(figures[case, 'service'], figures[case, rival])]
        median = statistics.median(ratios)
        verdict = '' if goal is None else 'met' if median >= goal else 'missed'
        rows.append((case, rival, f'{median:.2f}', f'{min(ratios):.2f}-{max(ratios):.2f}',
                     '' if goal is None else f'>= {goal}', verdict,
                     f'{statistics.median(figures[case, "service"]):.0f}'))
    p99 = [statistics.median(figures['dashboards-p99', who]) for who in ('service', 'nginx')]
    errors = sum(figures['dashboards-errors', 'service'])
    memory = figures['memory', 'service'][0]
    rows.append((f'{dashboards} dashboards, p99 in ms', 'nginx', f'{p99[0]:.2f} : {p99[1]:.2f}', '',
                 'not above', 'met' if p99[0] <= p99[1] else 'missed', f'{errors:.0f} errors'))
    rows.append((f'{dashboards} dashboards, memory', '', f'{memory:.0f} MB', '', '< 150 MB',
                 'met' if memory < 150 else 'missed', ''))
    for case, own, rival, goal in (('item beside 5000 slow clients', 'dawdlers with', 'dawdlers without', None),
                                   ('list, a million versions', 'history-list grown', 'history-list ets144', 1 / 1.2),
                                   ('item, a million versions', 'history-item grown', 'history-item ets144', 1 / 1.2)):
        mine, theirs = figures[tuple(own.split())], figures[tuple(rival.split())]
        ratios = [a / b for a, b in zip(mine, theirs)]
        median = statistics.median(ratios)
        rows.append((case, 'without', f'{median:.2f}', f'{min(ratios):.2f}-{max(ratios):.2f}',
                     '' if goal is None else f'>= {goal:.2f}',
                     '' if goal is None else 'met' if median >= goal else 'missed',
                     f'{statistics.median(mine):.0f}'))
    pairs = list(zip(figures['attack-p99', 'attacked'], figures['attack-p99', 'quiet']))
    ratios = [attacked / quiet for attacked, quiet in pairs]
    median = statistics.median(ratios)
    rows.append(('cached list beside 40 cold questions a second, p99', 'without', f'{median:.2f}',
                 f'{min(ratios):.2f}-{max(ratios):.2f}', '<= 3', 'met' if median <= 3 else 'missed', ''))
    p50, p99 = (statistics.median(figures['freshness', part]) for part in ('p50', 'p99'))
    rows.append(('a change shows on a replica, in ms', '', f'{p50:.1f}, p99 {p99:.1f}', '', 'p99 <= 20',
                 'met' if p99 <= 20 else 'missed', ''))
    head = ('case', 'beside', 'ratio', 'spread', 'goal', '', 'a second')
    table = '\n'.join('| ' + ' | '.join(row) + ' |' for row in (head, ('---',) * len(head), *rows))
    print(table)
    kept = carried_over(results, BY_HAND, '\n'.join(BY_HAND))
    soak = carried_over(results, SOAK, '')
    with open('/proc/cpuinfo', encoding='utf-8') as cpus:
        model = re.search(r'model name\s*: (.*)', cpus.read()).group(1)
        cores = subprocess.run(['nproc'], capture_output=True, text=True, check=True).stdout.strip()
    now = datetime.now(timezone.utc).strftime('%Y-%m-%d')
    with open(results, 'w', encoding='utf-8') as new:
        new.write(f'''# How fast

`make bench` wrote this on {now}: {model}, {cores} cores, Linux {platform.release()}; the clients ran on
the same cores. Each ratio is the service's figure by the rival's in the same round.

{table}

{said('nginx', '-v')}; h2load {said('h2load', '--version')};
{said('wrk', '-v').split(' Copyright')[0]}; {said('psql', '--version')}; Node.js
{said('node', '--version')}; {said('dpkg-query', '-W', '-f', '${Package} ${Version}', 'libmicrohttpd12')};
{said('dpkg-query', '-W', '-f', '${Package} ${Version}', 'libulfius2.7')}.

## What each change gave

{kept}
''' + (f'\n{soak}\n' if soak else ''))


main()
