# SPDX-License-Identifier: MIT
"""Everything that a schema is, read through the stock client and by no code of ours.

    picture = photo.take(server, "shop")
    picture["table", "orders"]["sql"]
    photo.write_archive(picture, "shop", directory)

A dict from (kind, name) to what the server says of the object; ("database", "")
holds the database's own character set and collation. The same schema in another
database gives the same picture: photo.renamed(picture, "shop", "copy").
"""

import json
import re
import subprocess

ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
AUTO_INCREMENT = re.compile(r"(\n\) ENGINE=\w+) AUTO_INCREMENT=\d+")
MARK = "-- what follows --"
CONTEXT = ("client_charset", "connection_collation", "database_collation")

# kind -> its name in SHOW CREATE, which names there are, the column of its text, of its sql_mode
# (or None), of the first of the character sets and how many of them there are
KINDS = {
    "sequence": (
        "SEQUENCE",
        "select table_name from information_schema.tables"
        " where table_schema = database() and table_type = 'SEQUENCE'",
        1, None, 0, 0,
    ),
    "table": (
        "TABLE",
        "select table_name from information_schema.tables where table_schema = database()"
        " and table_type in ('BASE TABLE', 'SYSTEM VERSIONED')",
        1, None, 0, 0,
    ),
    "function": ("FUNCTION", "FUNCTION", 2, 1, 3, 3),
    "procedure": ("PROCEDURE", "PROCEDURE", 2, 1, 3, 3),
    "package": ("PACKAGE", "PACKAGE", 2, 1, 3, 3),
    "package body": ("PACKAGE BODY", "PACKAGE BODY", 2, 1, 3, 3),
    "view": (
        "VIEW",
        "select table_name from information_schema.views where table_schema = database()",
        1, None, 2, 2,
    ),
    "trigger": ("TRIGGER", None, 2, 1, 3, 3),
    "event": (
        "EVENT",
        "select event_name from information_schema.events where event_schema = database()",
        3, 1, 4, 3,
    ),
}  # fmt: skip
MARIADB_ONLY = "sequence", "package", "package body"
UNREADABLE = 1462, 1735  # a view in a circle, or of a partition that is gone


def unescaped(value):
    return re.sub(r"\\(.)", lambda m: ESCAPES[m[1]], value, flags=re.DOTALL)


def is_mysql(server):
    return getattr(server, "family", "mariadb") == "mysql"


def statement(server, sql):
    """As the client takes it; in MariaDB it may hold carriage returns."""
    if is_mysql(server):
        return sql
    text = sql.replace("\\", "\\\\").replace("'", "\\'").replace("\r", "\\r")
    return f"EXECUTE IMMEDIATE '{text}'"


def is_warning(row):
    return len(row) == 3 and row[0] in ("Note", "Warning", "Error") and row[1].isdigit()


def ask(server, database, statements):
    """Each statement's rows and its warnings (or its error), as exact values.

    A statement may hold any character but NUL.
    """
    command, env = server.client(database)
    command.remove("--raw")
    command.insert(command.index("--no-defaults") + 1, "--force")
    script = "SET NAMES utf8mb4; SET sql_mode='', time_zone='+00:00';\n"
    for sql in statements:
        text = statement(server, sql)
        script += f"SELECT '{MARK}';\n{text};\nSHOW WARNINGS;\n"
    done = subprocess.run(
        command, input=script.encode("utf8", "surrogateescape"), env=env, capture_output=True
    )
    lines = done.stdout.decode("utf8", "surrogateescape").split("\n")[:-1]
    found = []
    for line in lines:
        row = [unescaped(value) for value in line.split("\t")]
        if line == MARK:
            found.append(([], []))
        else:
            found[-1][is_warning(row)].append(row)
    assert len(found) == len(statements), done.stderr.decode(errors="replace")
    return found


def rows(server, sql, database):
    found, said = ask(server, database, [sql])[0]
    assert not said or said[0][0] != "Error", said
    return found


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def names(server, database, kind, query):
    if kind == "trigger":
        return [row[0] for row in rows(server, "show triggers", database)]
    if not query.startswith("select"):
        query = (
            "select routine_name from information_schema.routines"
            f" where routine_schema = database() and routine_type = '{query}'"
        )
    return [row[0] for row in rows(server, query, database)]


def view_by_hand(server, database, name):
    """SHOW CREATE VIEW fails for a circle; its parts can still be read."""
    query = (
        "select algorithm, definer, security_type, view_definition, check_option,"
        " character_set_client, collation_connection from information_schema.views"
        " where table_schema = database() and table_name = ?"
    )
    literal = "'" + name.replace("\\", "\\\\").replace("'", "''") + "'"
    row = rows(server, query.replace("?", literal), database)[0]
    user, host = row[1].rsplit("@", 1)
    check = "" if row[4] == "NONE" else f" WITH {row[4]} CHECK OPTION"
    return [
        name,
        f"CREATE ALGORITHM={row[0]} DEFINER={quoted(user)}@{quoted(host)}"
        f" SQL SECURITY {row[2]} VIEW {quoted(name)} AS {row[3]}{check}",
        *row[5:],
    ]


def object_of(kind, found):
    """What SHOW CREATE said of an object."""
    _, _, text, mode, charset, charsets = KINDS[kind]
    seen = {"sql": found[text]}
    if kind == "table":
        seen["sql"] = AUTO_INCREMENT.sub(r"\1", seen["sql"])
    if mode is not None:
        seen["sql_mode"] = found[mode]
    if kind == "event":
        seen["time_zone"] = found[2]
    seen.update(zip(CONTEXT, found[charset : charset + charsets]))
    return seen


def take_objects(server, database, kind, all_names):
    what = KINDS[kind][0]
    said = ask(server, database, [f"SHOW CREATE {what} {quoted(name)}" for name in all_names])
    for name, (found, warnings) in zip(all_names, said):
        error = int(warnings[0][1]) if warnings and warnings[0][0] == "Error" else None
        if kind == "view" and error in UNREADABLE:
            found = [view_by_hand(server, database, name)]
        assert found, (kind, name, warnings)
        seen = object_of(kind, found[-1])
        if kind == "view" and warnings:
            seen["problem"] = warnings[0][2]
        yield name, seen


def take(server, database):
    picture = {}
    sql = (
        "select default_character_set_name, default_collation_name"
        " from information_schema.schemata where schema_name = database()"
    )
    picture["database", ""] = dict(zip(("charset", "collation"), rows(server, sql, database)[0]))
    for kind, (_, query, *_) in KINDS.items():
        if is_mysql(server) and kind in MARIADB_ONLY:
            continue
        for name, seen in take_objects(
            server, database, kind, names(server, database, kind, query)
        ):
            picture[kind, name] = seen
    sql = (
        "select trigger_name, event_object_table, action_timing, event_manipulation, action_order"
        " from information_schema.triggers where event_object_schema = database()"
    )
    for name, table, timing, event, order in rows(server, sql, database):
        picture["trigger", name].update(table=table, timing=timing, event=event, order=int(order))
    return picture


def moved(text, kind, database, to):
    if kind == "trigger":
        # Its head is as its author wrote it, but for his database's name.
        qualifier = rf"`?{re.escape(database)}`?\s*\.\s*"
        head, each, body = text.partition("FOR EACH")
        text = re.sub(qualifier, "", head) + each + body
        return text
    return text.replace(database, to)


def renamed(picture, database, to):
    """The picture that the same schema gives in another database."""
    return {
        (kind, name): {
            field: moved(value, kind, database, to) if field in ("sql", "problem") else value
            for field, value in seen.items()
        }
        for (kind, name), seen in picture.items()
    }


def escaped(name):
    """As engine/base/name.h makes file names."""
    out = ""
    for i, c in enumerate(name):
        special = ord(c) < 32 or ord(c) == 127 or c in "/%" or (c == "." and i == 0)
        out += f"%{ord(c):02X}" if special else c
    return out


def folder_of(kind):
    return "package_bodies" if kind == "package body" else kind + "s"


def write_archive(picture, database, directory, family="mariadb"):
    """The picture as the files that engine/schema/archive.h describes."""
    objects = []
    for (kind, name), seen in picture.items():
        if kind == "database":
            continue
        folder = folder_of(kind)
        path = directory / "objects" / folder / f"{escaped(name)}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        data = seen["sql"].encode("utf8", "surrogateescape")
        path.write_bytes(data)
        fields = {key: value for key, value in seen.items() if key != "sql"}
        objects.append({"kind": folder, "name": name, "offset": 0, "length": len(data), **fields})
    model = {
        "format": 1,
        "database": database,
        **picture["database", ""],
        "family": family,
        "server_version": "",
        "version_number": 0,
        "lower_case_table_names": 0,
        "visible": [folder_of(kind) for kind in KINDS],
        "objects": objects,
    }
    (directory / "model.json").write_text(json.dumps(model))
