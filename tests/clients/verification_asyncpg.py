"""Can asyncpg, which has a SCRAM of its own, log in? Prints who it is, or the error."""

import asyncio
import os
import ssl
import sys

import asyncpg


def anybody():
    """TLS that takes every certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def main():
    tls = anybody() if os.environ["CLIENT_TLS"] == "yes" else False
    try:
        connection = await asyncpg.connect(ssl=tls, timeout=15)
    except asyncpg.PostgresError as error:
        print("error", error.sqlstate, error)
        sys.exit(1)
    print(*await connection.fetchrow("SELECT current_user, 6 * 7"))
    await connection.close()


asyncio.run(main())
