"""What a single write takes: write_latency.py PORT TOKEN STATE COUNT SKIP

Records COUNT territorial extensions of the Party STATE over one connection, each to another territory (the first
after SKIP others) and so each moving its status. Prints their median in milliseconds."""

import http.client
import json
import statistics
import sys
import time

PORT, TOKEN, STATE, COUNT, SKIP = sys.argv[1:]


def territory(number):
    return 'T' + ''.join(chr(ord('a') + number // 26 ** place % 26) for place in (2, 1, 0))


def main():
    connection = http.client.HTTPConnection('127.0.0.1', int(PORT))
    took = []
    for number in range(int(SKIP), int(SKIP) + int(COUNT)):
        body = json.dumps({'state': STATE, 'kind': 'territorial_extension', 'date': '2026-11-01',
                           'verification': 'unconfirmed',
                           'territories': {'covered': [territory(number)], 'left_out': []}})
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
