# SPDX-License-Identifier: MIT
"""Real application schemas, out of Debian packages that are unpacked and not installed."""

import gzip
import pathlib
import subprocess

# name -> package, scripts to load in order
SCHEMAS = {
    "pdns": (
        "pdns-backend-mysql",
        [
            "usr/share/pdns-backend-mysql/schema/schema.mysql.sql",
            "usr/share/pdns-backend-mysql/schema/enable-foreign-keys.mysql.sql",
        ],
    ),
    "icinga": ("icinga2-ido-mysql", ["usr/share/icinga2-ido-mysql/schema/mysql.sql"]),
    "zabbix": ("zabbix-server-mysql", ["usr/share/zabbix-server-mysql/schema.sql.gz"]),
    "bacula": (
        "bacula-director-mysql",
        ["usr/share/dbconfig-common/data/bacula-director-mysql/install/mysql"],
    ),
    "cacti": ("cacti", ["usr/share/cacti/conf_templates/cacti.sql"]),
    "ejabberd": ("ejabberd", ["usr/share/ejabberd/sql/mysql.sql"]),
    "freeradius": (
        "freeradius-config",
        [
            "etc/freeradius/3.0/mods-config/sql/main/mysql/schema.sql",
            "etc/freeradius/3.0/mods-config/sql/ippool/mysql/schema.sql",
            "etc/freeradius/3.0/mods-config/sql/main/mysql/process-radacct.sql",
        ],
    ),
    "gammu": ("gammu-smsd", ["usr/share/doc/gammu-smsd/examples/mysql.sql"]),
    "icingadb": ("icingadb", ["usr/share/icingadb/schema/mysql/schema.sql"]),
    "kamailio": (
        "kamailio-mysql-modules",
        [
            f"usr/share/kamailio/mysql/{part}-create.sql"
            for part in ("standard", "acc", "lcr", "domain", "presence", "drouting", "dialog", "topos")
        ],
    ),
    "roundcube": ("roundcube-core", ["usr/share/roundcube/SQL/mysql.initial.sql"]),
    "rsyslog": ("rsyslog-mysql", ["usr/share/dbconfig-common/data/rsyslog-mysql/install/mysql"]),
    "tt-rss": ("tt-rss", ["usr/share/tt-rss/schema/ttrss_schema_mysql.sql"]),
    "ulogd": ("ulogd2", ["usr/share/doc/ulogd2/mysql-ulogd2.sql.gz"]),
}


def download(package, directory):
    def once():
        return subprocess.run(
            ["apt-get", "download", "-qq", package], cwd=directory, capture_output=True, text=True
        )

    done = once()
    if done.returncode != 0:
        subprocess.run(["apt-get", "update", "-qq"], check=True, capture_output=True)
        done = once()
    assert done.returncode == 0, f"apt-get download {package}: {done.stderr}"
    (deb,) = directory.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", deb, directory], check=True)


def script(name, directory):
    """The SQL text of a schema."""
    package, files = SCHEMAS[name]
    directory = pathlib.Path(directory, name)
    if not directory.exists():
        directory.mkdir(parents=True)
        download(package, directory)
    texts = []
    for file in files:
        data = (directory / file).read_bytes()
        texts.append((gzip.decompress(data) if file.endswith(".gz") else data).decode())
    return "\n".join(texts)
