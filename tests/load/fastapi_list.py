"""The same list from the same database with the same statement, as a FastAPI service with asyncpg has it:
fastapi_list.py PORT SOCKET"""

import re
import sys
from datetime import datetime, timezone
from pathlib import Path

import asyncpg
import fastapi
import uvicorn

PORT, SOCKET = sys.argv[1:]
NAMES = []


def place(match):
    if match.group(1) not in NAMES:
        NAMES.append(match.group(1))
    return f'${NAMES.index(match.group(1)) + 1}'


STATEMENT = re.sub(r":'(\w+)'", place,
                   (Path(__file__).parents[2] / 'sql/queries/states.sql').read_text(encoding='utf-8'))
app = fastapi.FastAPI()


@app.on_event('startup')
async def open_pool():
    app.state.pool = await asyncpg.create_pool(
        host=SOCKET, database='ets144', user='ets144_service', min_size=4, max_size=4,
        server_settings={'jit': 'off', 'plan_cache_mode': 'force_generic_plan'})


@app.get('/v1/states')
async def states():
    now = datetime.now(timezone.utc)
    values = {'as_of': now.date(), 'known_at': now, 'lang': 'en'}
    rows = await app.state.pool.fetch(STATEMENT, *(values.get(name) for name in NAMES))
    return {'as_of': now.date(), 'items': [dict(row) for row in rows]}


uvicorn.run(app, host='127.0.0.1', port=int(PORT), log_level='warning')
