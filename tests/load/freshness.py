"""How soon a change shows on another replica: freshness.py DATABASE_URL TOKEN PORT CHANGES

Prints the median and the 99th percentile, in milliseconds from the answer to the writer (who has it once the
change is committed) until that replica first says so to a dashboard that asks all the time."""

import http.client
import statistics
import sys
import threading
import time

import psycopg2

URL, TOKEN, PORT, CHANGES = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
seen = {}


def watch(stop):
    connection = http.client.HTTPConnection('127.0.0.1', PORT)
    tag, last = '""', 0
    while not stop.is_set():
        connection.request('GET', '/v1/convention', headers={'If-None-Match': tag})
        answer = connection.getresponse()
        body = answer.read()
        now = time.monotonic()
        if answer.status == 200:
            tag = answer.getheader('ETag')
            revision = int(body.split(b'"revision":')[1].split(b',')[0])
            for number in range(last + 1, revision + 1):
                seen.setdefault(number, now)
            last = revision


def main():
    writer = psycopg2.connect(URL)
    cursor = writer.cursor()
    stop = threading.Event()
    watching = threading.Thread(target=watch, args=(stop,))
    watching.start()
    time.sleep(0.5)
    wrote = {}
    for number in range(CHANGES):
        cursor.execute('select service.write_begin(sha256(%s), null, null, null, false)',
                       [TOKEN.encode()])
        cursor.execute("select written.revision from service.operation_apply('record', 'action', null, %s)"
                       ' as written',
                       [f'{{"state": "FRA", "kind": "communication", "date": "2026-01-01", '
                        f'"summary_en": "Number {number}.", "verification": "unconfirmed"}}'])
        revision = cursor.fetchone()[0]
        writer.commit()
        wrote[revision] = time.monotonic()
        time.sleep(0.02)
    time.sleep(1)
    stop.set()
    watching.join()
    delays = sorted(max(0.0, (seen[revision] - at) * 1000) for revision, at in wrote.items())
    print(f'{statistics.median(delays):.2f} {delays[int(len(delays) * 0.99)]:.2f}')


main()
