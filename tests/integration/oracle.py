# SPDX-License-Identifier: MIT
"""What a schema is, asked of the server by the stock client and by no code of ours.

    before = oracle.schema(server, "shop")
    ...
    assert oracle.schema(server, "shop") == before

A dict from (kind, name) to the server's SHOW CREATE row, AUTO_INCREMENT=n taken out.
"""

import re
import subprocess

AUTO_INCREMENT = re.compile(r" AUTO_INCREMENT=\d+(?= )")


def rows(server, text, database=""):
    """Rows as lists; the client's escapes (\\n, \\t, \\\\) stay as they are."""
    command, env = server.client(database)
    command.remove("--raw")
    done = subprocess.run(command, input=text.encode(), env=env, capture_output=True, check=True)
    return [line.split("\t") for line in done.stdout.decode().split("\n")[:-1]]


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def names(server, database, query):
    return [row[0] for row in rows(server, query.replace("?", f"'{database}'"))]


def show(server, database, what, name, columns):
    row = rows(server, f"SET SESSION time_zone='+00:00'; SHOW CREATE {what} {quoted(name)}", database)[-1]
    return [AUTO_INCREMENT.sub("", value) for value in row[columns]]


# kind -> how to list the names, what to say after SHOW CREATE, which columns matter
KINDS = {
    "table": (
        "select table_name from information_schema.tables where table_schema=?"
        " and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')",
        "TABLE",
        slice(1, 2),
    ),
    "sequence": (
        "select table_name from information_schema.tables where table_schema=?"
        " and table_type='SEQUENCE'",
        "SEQUENCE",
        slice(1, 2),
    ),
    "view": (
        "select table_name from information_schema.tables where table_schema=? and table_type='VIEW'",
        "VIEW",
        slice(1, None),
    ),
    "procedure": (
        "select routine_name from information_schema.routines where routine_schema=?"
        " and routine_type='PROCEDURE'",
        "PROCEDURE",
        slice(1, None),
    ),
    "function": (
        "select routine_name from information_schema.routines where routine_schema=?"
        " and routine_type='FUNCTION'",
        "FUNCTION",
        slice(1, None),
    ),
    "trigger": (
        "select trigger_name from information_schema.triggers where event_object_schema=?",
        "TRIGGER",
        slice(1, 6),
    ),
    "event": (
        "select event_name from information_schema.events where event_schema=?",
        "EVENT",
        slice(1, None),
    ),
}


def trigger_order(server, database):
    return rows(
        server,
        "select event_object_table, action_timing, event_manipulation, action_order, trigger_name"
        f" from information_schema.triggers where event_object_schema='{database}'"
        " order by 1, 2, 3, 4",
    )


def schema(server, database, elsewhere=False):
    """elsewhere: without the database's own name where the server puts it in.

    Views that span databases, and defaults from sequences, name their own database: in a
    copy they name the copy.
    """
    found = {("order", "triggers"): trigger_order(server, database)}
    found["database", ""] = rows(
        server,
        "select default_character_set_name, default_collation_name"
        f" from information_schema.schemata where schema_name='{database}'",
    )
    for kind, (query, what, columns) in KINDS.items():
        for name in names(server, database, query):
            row = show(server, database, what, name, columns)
            if elsewhere and kind in ("view", "table"):
                row = [text.replace(quoted(database) + ".", "") for text in row]
            found[kind, name] = row
    return found
