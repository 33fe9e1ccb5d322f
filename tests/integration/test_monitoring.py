# SPDX-License-Identifier: MIT
"""Usage, health, probe, optimisation and report: what people and scripts watch backups by."""

import csv
import html.parser
import http.server
import io
import json
import re
import sqlite3
import threading

import pytest
from cli_fixtures import CHANGES, backup, flip_a_byte, shop  # noqa: F401

DAY = 86400


def the_catalog(home):
    (path,) = home.path.glob("**/*.db")
    return sqlite3.connect(path)


@pytest.fixture
def history(server, shop, backup, home):  # noqa: F811
    """Sixty days of backups and a few failed attempts, in the catalog only."""
    home.write_config(server, shop, catalog={"refresh_interval": "30d"})
    home.run("backup", "list")  # after this the store is not looked at again
    with the_catalog(home) as c:
        c.row_factory = sqlite3.Row
        one = dict(c.execute("select * from backup").fetchone())
        del one["row"]
        insert = f"insert into backup ({','.join(one)}) values ({','.join('?' * len(one))})"
        for day in range(1, 61):
            one["id"] = f"backup_20260101_000000_{day:08x}"
            one["created_at"] -= DAY
            failed = day % 20 == 0
            one["status"], one["error"] = (2, "<b>no & way</b>") if failed else (1, "")
            one["stored_size"] = 0 if failed else 3000 + 100 * (day % 7)
            c.execute(insert, list(one.values()))
    home.run("backup", "create", "--force")
    return home


# --- usage


def test_storage_usage_has_what_scripts_read(backup, home):  # noqa: F811
    v = home.json("backup", "storage-usage")
    assert v["backup_count"] == v["total_backups"] == 1
    assert v["total_size_gb"] == 0 or v["total_size_gb"] >= 0.0001
    assert v["total_compressed_size"] > 0
    assert v["backups_by_status"]["COMPLETED"] == 1


def test_storage_usage_is_a_table_by_database_and_age(shop, backup, home):  # noqa: F811
    text = home.run("backup", "storage-usage", "--detailed").stdout
    assert re.search(rf"^{shop} +1 ", text, re.M)
    assert re.search(rf"^{shop} +daily +1 ", text, re.M)
    assert re.search(rf"^{shop} +older +0 ", text, re.M)


# --- health


def test_a_healthy_system_says_neither_error_nor_fail(shop, backup, home):  # noqa: F811
    done = home.run("backup", "health-check")
    assert done.returncode == 0
    assert not re.search("ERROR|FAIL", done.stdout + done.stderr)
    assert "Overall: healthy" in done.stdout


def test_health_finds_the_newest_backup_damaged(backup, home):  # noqa: F811
    flip_a_byte(home.store / f"{backup}.backup")
    done = home.run("backup", "health-check", status=1)
    assert done.returncode == 1
    assert re.search(f"ERROR: backups: .*{backup}.*checksum mismatch", done.stdout)
    assert "backup create" in done.stdout


def test_health_finds_the_last_attempt_failed(shop, backup, home, server):  # noqa: F811
    home.run("backup", "create", "--database", shop + "x", status=1)
    v = home.json("backup", "health-check", status=1)
    assert v["overall_health"] == "unhealthy"
    assert v["component_status"]["backups"] == "unhealthy"
    assert any(shop + "x" in i["description"] for i in v["issues"])


def test_health_finds_old_backups_when_asked(history):
    with the_catalog(history) as c:
        c.execute("update backup set created_at = created_at - 3 * 86400")
    assert history.run("backup", "health-check", "--max-age", "26h", status=1).returncode == 1
    assert history.run("backup", "health-check", "--max-age", "0").returncode == 0


def test_health_says_that_the_server_is_away(backup, home):  # noqa: F811
    text = home.config.read_text()
    home.config.write_text(re.sub(r'"socket": ".*?"', '"socket": "/none/my.sock"', text))
    v = home.json("backup", "health-check", status=1)
    assert v["component_status"]["server"] == "unhealthy"
    assert v["component_status"]["storage"] == "healthy"
    assert home.run("backup", "health-check", "--no-server").returncode == 0


def test_health_says_that_the_configuration_is_wrong(shop, home):  # noqa: F811
    home.config.write_text("backup: {retention: {max_backups: -1}}\n")
    done = home.run("backup", "health-check", status=1)
    assert done.returncode == 1
    assert re.search("ERROR: configuration: .*max_backups", done.stdout)


# --- probe


def test_storage_health_tries_every_request_and_leaves_nothing(backup, home):  # noqa: F811
    before = sorted(p.name for p in home.store.iterdir())
    v = home.json("backup", "storage-health")
    assert v["overall_health"] == "healthy"
    tests = {t["test_type"]: t for t in v["connectivity_tests"]}
    assert set(tests) == {"write", "read", "list", "overwrite", "delete"}
    assert all(t["success"] and t["response_time_ms"] > 0 for t in tests.values())
    assert sorted(p.name for p in home.store.iterdir()) == before


def test_storage_health_says_what_does_not_work(backup, home):  # noqa: F811
    home.config.write_text(home.config.read_text().replace(str(home.store), "/proc/sys"))
    done = home.run("backup", "storage-health", status=1)
    assert "ERROR: write: " in done.stdout or "Error: " in done.stderr


# --- optimisation


def test_storage_optimize_measures_on_a_sample(backup, home):  # noqa: F811
    home.run("backup", "create", "--force")
    v = home.json("backup", "storage-optimize")
    codecs = v["compression_analysis"]["candidates"]
    assert v["compression_analysis"]["sampled_backups"] == 2
    assert [c["size"] for c in codecs] == sorted(c["size"] for c in codecs)
    assert {c["algorithm"] for c in codecs} == {"zstd", "gzip", "lz4"}
    (twins,) = v["duplication_analysis"]["duplicate_backups"]
    assert twins["backup_count"] == 2
    assert 0 < twins["potential_savings"] < twins["total_size"]


def test_storage_optimize_finds_better_compression_than_none(shop, home):  # noqa: F811
    home.run("backup", "create", "--compression", "none")
    v = home.json("backup", "storage-optimize")
    (r,) = [r for r in v["recommendations"] if r["type"] == "compression"]
    assert v["total_potential_savings"] >= r["estimated_savings"] > 0
    # It is what a backup made so really takes, but for the container's own bytes.
    best = v["compression_analysis"]["candidates"][0]
    made = home.json("backup", "create", "--force", "--compression", best["algorithm"])
    assert abs(made["compressed_size"] - best["size"]) < made["compressed_size"] / 2


# --- report


class Page(html.parser.HTMLParser):
    """Counts elements, and sees to it that what is opened is closed."""

    VOID = {"meta", "th"}  # th needs no end

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def __init__(self):
        super().__init__()
        self.open, self.count, self.attributes = [], {}, []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_report_as_json_has_every_day(history):
    path = history.path / "backup-report.json"
    history.run("backup", "report", "--format", "json", "--output", str(path))
    v = json.loads(path.read_text())
    assert len(v["days"]) == 90
    assert sum(d["backup_count"] for d in v["days"]) == len(v["backups"]) == 59
    assert sum(d["failed_count"] for d in v["days"]) == len(v["failures"]) == 3
    assert v["days"][-1]["stored_until_then"] == v["usage"]["total_compressed_size"]
    assert {o["operation"] for o in v["operations"]} == {"backup_create"}


def test_report_forms_follow_the_name_of_the_file(history):
    for suffix, begins in [("txt", "Backups of "), ("yaml", "generated_at:"), ("csv", "id,"),
                           ("html", "<!DOCTYPE html>"), ("prom", "# HELP mysql_schema_sync_")]:
        path = history.path / f"report.{suffix}"
        history.run("backup", "report", "--output", str(path))
        assert path.read_text().startswith(begins)


def test_report_as_csv_is_read_by_other_programs(history):
    text = history.run("backup", "report", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 59
    assert rows[0]["status"] == "COMPLETED"


def test_report_as_html_is_one_whole_page(history):
    text = history.run("backup", "report", "--format", "html").stdout
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.count["svg"] == 4
    assert "script" not in page.count
    assert not [a for a in page.attributes if a[0] in ("src", "href")]
    assert "<b>no" not in text and "&lt;b&gt;no &amp; way" in text


def test_report_for_prometheus_is_in_its_format(shop, history):  # noqa: F811
    text = history.run("backup", "report", "--format", "prometheus").stdout
    sample = re.compile(r'^mysql_schema_sync_[a-z0-9_]+(\{[a-z]+="[^"]*"\})? -?\d+(\.\d\d\d)?$')
    for line in text.splitlines():
        assert line.startswith("# ") or sample.match(line), line
    assert f'mysql_schema_sync_backups{{database="{shop}"}} 59' in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


# --- notifications


class Listener(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted; answers what `answer` says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers, json.loads(body)))
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as s:
        s.got, s.answer = [], 200
        threading.Thread(target=s.serve_forever, daemon=True).start()
        yield s
        s.shutdown()


def settings(listener, **more):
    at = f"http://127.0.0.1:{listener.server_port}"
    return {
        "webhook": {"url": f"{at}/hook", "headers": {"X-Team": "dba"}, "timeout": "5s"},
        "slack": {"webhook_url": f"{at}/slack", "channel": "#backups"},
        **more,
    }


def test_a_backup_is_told_of(server, shop, home, listener):  # noqa: F811
    home.write_config(server, shop, notifications=settings(listener))
    made = home.json("backup", "create")["backup_id"]
    (path, headers, hook), (slack_path, _, slack) = listener.got
    assert (path, slack_path) == ("/hook", "/slack")
    assert headers["X-Team"] == "dba"
    assert headers["Content-Type"] == "application/json"
    assert (hook["event"], hook["status"]) == ("backup_create", "completed")
    assert (hook["database_name"], hook["backup_id"]) == (shop, made)
    assert slack["channel"] == "#backups"
    assert slack["text"] == f"backup_create completed: {shop} {made}"


def test_a_failure_is_told_of_with_the_reason(server, shop, home, listener):  # noqa: F811
    template = "{{status}} on {{host}}: {{error}} {{ database }} {{other}}"
    home.write_config(
        server, shop,
        notifications=settings(listener, message_template=template, min_severity="error"),
    )
    home.run("backup", "create")
    assert listener.got == []  # it went well
    home.run("backup", "create", "--database", "nowhere", status=1)
    (_, _, hook), _ = listener.got
    assert hook["status"] == "failed"
    assert "unknown database: nowhere" in hook["error"]
    assert hook["message"].startswith("failed on ")
    assert hook["message"].endswith(" nowhere {{other}}")


def test_damage_is_told_of(server, shop, backup, home, listener):  # noqa: F811
    home.write_config(server, shop, notifications=settings(listener))
    home.run("backup", "validate", backup)
    assert listener.got == []  # a check that finds nothing is no news
    flip_a_byte(home.store / f"{backup}.backup")
    home.run("backup", "validate", backup, status=1)
    assert {body.get("event") for _, _, body in listener.got} == {"backup_validate", None}


def test_a_notice_that_cannot_be_sent_spoils_nothing(server, shop, home, listener):  # noqa: F811
    listener.answer = 404
    home.write_config(server, shop, notifications=settings(listener))
    done = home.run("backup", "create", "--format", "json")
    assert json.loads(done.stdout)["status"] == "COMPLETED"
    assert "notification to webhook: the server answered 404" in done.stderr
    assert "/hook" not in done.stderr  # addresses of webhooks are secrets


def test_secrets_of_notifications_are_not_shown(server, shop, home, listener):  # noqa: F811
    home.write_config(server, shop, notifications=settings(listener))
    text = home.run("config", "show").stdout
    assert "/hook" not in text and "/slack" not in text and "dba" not in text
