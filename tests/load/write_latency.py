"""What a single write takes: write_latency.py PORT TOKEN STATE COUNT SKIP

Records COUNT derogations of the Party STATE over one connection, each on the day before the last, and each so
moving its status; the first is on 31 May 1999 less SKIP days. Prints their median in milliseconds."""

import datetime
import http.client
import json
import statistics
import sys
import time

PORT, TOKEN, STATE, COUNT, SKIP = sys.argv[1:]


def main():
    connection = http.client.HTTPConnection('127.0.0.1', int(PORT))
    took = []
    for number in range(int(COUNT)):
        day = datetime.date(1999, 5, 31) - datetime.timedelta(int(SKIP) + number)
        body = json.dumps({'state': STATE, 'kind': 'derogation', 'date': str(day), 'verification': 'unconfirmed'})
        began = time.monotonic()
        connection.request('POST', '/v1/actions', body=body, headers={
            'Content-Type': 'application/json', 'Authorization': f'Bearer {TOKEN}'})
        answer = connection.getresponse()
        text = answer.read()
        took.append((time.monotonic() - began) * 1000)
        if answer.status != 201:
            sys.exit(f'{answer.status} {text.decode()}')
    print(f'{statistics.median(took):.2f}')


main()
