"""Do cancels of psycopg hit the statement they are meant for, and no other?"""

import os
import threading

import psycopg

ROUNDS = 12


def main():
    watcher = psycopg.connect("", autocommit=True)
    with psycopg.connect("", autocommit=True) as connection:
        pid = connection.info.backend_pid
        for number in range(ROUNDS):
            # Where TLS is required, the cancel has to be encrypted as well.
            cancel = connection.cancel_safe if number % 2 or os.environ["PGSSLMODE"] == "require" else connection.cancel

            def when_it_runs():
                asleep = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = %s"
                while watcher.execute(asleep, [pid]).fetchone() != (True,):
                    pass
                cancel()

            thread = threading.Thread(target=when_it_runs)
            thread.start()
            try:
                connection.execute("SELECT pg_sleep(60)")
                raise AssertionError("the statement was not cancelled")
            except psycopg.errors.QueryCanceled:
                pass
            thread.join()
            assert connection.execute("SELECT %s::int", [number]).fetchone() == (number,)
    # A result that is left in the middle, and the next statement at once.
    with psycopg.connect("", autocommit=True) as connection:
        for number in range(ROUNDS):
            cursor = connection.cursor()
            stream = cursor.stream("SELECT n, repeat('x', 100) FROM generate_series(1, 100000) AS n")
            next(stream)
            connection.cancel_safe()
            try:
                for _ in stream:
                    pass
            except psycopg.errors.QueryCanceled:
                pass
            assert connection.execute("SELECT %s::int", [number]).fetchone() == (number,)
    watcher.close()
    print("every cancel hit its statement")


main()
