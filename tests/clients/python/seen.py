"""How do the scripts of this folder print what a driver shows a program?

Each is run twice, directly and through a gateway, and must print the same text: so nothing is printed that a server
draws anew each time (process numbers, object ids of what was just made, times).
"""

import os

# `all`: the whole script; what it makes stays. `reads`: only what reads of that.
READS = os.environ.get("CLIENT_MODE") == "reads"


# What no server understands. A gateway that enforces says so in words of its own, so a reader does not send it.
NONSENSE = [] if READS else ["SELEC"]


def show(title, *values):
    """One line: what was done, and what a program saw of it."""
    print(title, *[repr(value) for value in values], sep=" | ", flush=True)


def told(diagnostics):
    """Every field of an error or a notice, of psycopg 2 and 3."""
    names = [name for name in dir(diagnostics) if not name.startswith("_")]
    fields = {name: getattr(diagnostics, name) for name in names}
    return {name: value for name, value in fields.items() if value is not None and not callable(value)}


def fails(kind, title, act):
    """Does what should end in an error of the driver's `kind`, and shows all fields of it."""
    try:
        show(title + " returned", act())
    except kind as error:
        diagnostics = getattr(error, "diag", None)
        code = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
        show(title, type(error).__name__, code, str(error), told(diagnostics) if diagnostics else None)


def place():
    """Host, port, user, password and database."""
    return [os.environ[name] for name in ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")]
