# SPDX-License-Identifier: MIT
"""Azure Blob Storage on Azurite: rights, refusals, listings, lost replies."""

import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import threading
import time
import urllib.parse

import pytest
from cloud_fixtures import StoreError, nightly, store  # noqa: F401

SMALL = os.urandom(1000)
LARGE = os.urandom(900_000)  # 14 blocks of 64 KB


@pytest.fixture
def container(azurite, store, request):
    name = "c" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20]
    azurite.create(name)
    return store("azure", azurite.settings(name, block_size="64KB", retry_attempts=2))


@nightly
def test_conformance_with_the_account_in_the_path(azurite, conformance):
    azurite.create("in-path")
    conformance("azure", azurite.settings("in-path", block_size="256KB"))


def test_conformance_over_tls_with_the_account_in_the_host_name(azurite_tls, conformance):
    azurite_tls.create("in-host")
    conformance("azure", azurite_tls.settings("in-host", endpoint=azurite_tls.host_style))


def test_versions_are_etags(container):
    container.put("key", SMALL)
    version = container.version("key")
    container.replace("key", version, b"new")
    assert container.get("key") == b"new"
    with pytest.raises(StoreError, match="^busy: .*want version " + version):
        container.replace("key", version, b"newer")
    with pytest.raises(StoreError, match="^exists"):
        container.put("key", b"other")
    with pytest.raises(StoreError, match="^not_found"):
        container.replace("none", version, b"new")


def test_large_objects_go_in_blocks(azurite, container):
    container.put("large", LARGE)
    assert container.get("large") == LARGE
    assert container.get("large", 65530, 12) == LARGE[65530:65542]
    name = json.loads(container.config.read_text())["backup"]["storage"]["azure"]
    status, _, body = azurite.request(
        "GET", f"{name['container_name']}/backups/large", "blocklisttype=all&comp=blocklist")
    assert status == 200 and body.count(b"<Size>65536</Size>") == 13, body
    with pytest.raises(StoreError, match="^exists"):
        container.put("large", LARGE)


def test_a_name_that_azure_would_change_is_refused(container):
    container.put("a/b", SMALL)
    with pytest.raises(StoreError, match="^invalid: .*Azure has no names with"):
        container.put("a\\b", SMALL)
    assert container.get("a\\b") is None
    assert not container.remove("a\\b")
    assert container.list() == ["a/b"]


def test_what_another_client_wrote_is_read_and_the_reverse(azurite, store):
    azurite.create("exchange")
    s = store("azure", azurite.settings("exchange"))
    s.put("ours a+b%.meta", SMALL)
    path = "exchange/backups/" + urllib.parse.quote("ours a+b%.meta")
    assert azurite.request("GET", path)[2] == SMALL
    status, _, body = azurite.request("PUT", "exchange/backups/theirs", body=LARGE,
                                      headers={"x-ms-blob-type": "BlockBlob"})
    assert status == 201, body
    assert s.get("theirs") == LARGE
    s.replace("theirs", s.version("theirs"), SMALL)
    assert s.get("theirs") == SMALL


def sas(azurite, container, permissions="racwdl", expiry="2099-01-01T00:00:00Z", version="2021-06-08"):
    """A SAS for a container, by code that shares nothing with ours."""
    fields = [permissions, "", expiry, f"/blob/{azurite.account}/{container}", "", "", "",
              version, "c", "", "", "", "", "", "", ""]
    signature = hmac.new(base64.b64decode(azurite.key), "\n".join(fields).encode(),
                         hashlib.sha256).digest()
    return urllib.parse.urlencode({"sv": version, "sr": "c", "sp": permissions, "se": expiry,
                                   "sig": base64.b64encode(signature).decode()})


def test_every_kind_of_right_is_taken(azurite, store):
    azurite.create("rights")
    plain = azurite.settings("rights")
    store("azure", plain).put("key", SMALL)
    key = plain.pop("account_key")
    whole = (f"DefaultEndpointsProtocol=http;AccountName={azurite.account};AccountKey={key};"
             f"BlobEndpoint={azurite.endpoint};")
    cases = [
        (plain | {"sas_token": sas(azurite, "rights")}, {}),
        (plain, {"AZURE_STORAGE_KEY": key}),
        (plain, {"AZURE_STORAGE_SAS_TOKEN": "?" + sas(azurite, "rights")}),
        ({"container_name": "rights", "connection_string": whole}, {}),
        ({"container_name": "rights"}, {"AZURE_STORAGE_CONNECTION_STRING": whole}),
        (azurite.settings("rights", endpoint=azurite.host_style), {}),
        (azurite.settings("rights", endpoint=azurite.base), {}),
    ]
    for number, (settings, env) in enumerate(cases):
        s = store("azure", settings, **env)
        s.put(f"by {number}", b"x")
        assert s.get("key") == SMALL and f"by {number}" in s.list()


class MetadataService(http.server.BaseHTTPRequestHandler):
    """A virtual machine's: its token is one that Azurite takes."""

    def do_GET(self):
        encode = lambda v: base64.urlsafe_b64encode(json.dumps(v).encode()).rstrip(b"=").decode()
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        now = int(time.time())
        claims = {"aud": query["resource"][0].rstrip("/"), "iat": now - 60, "nbf": now - 60,
                  "exp": now + 3600, "iss": "https://sts.windows.net/"
                  "ab1f708d-50f6-404c-a006-d71b2ac7a606/"}
        token = ".".join([encode({"alg": "RS256", "typ": "JWT"}), encode(claims), "eA"])
        good = self.headers["Metadata"] == "true" and query["client_id"] == ["me"]
        body = json.dumps({"access_token": token, "expires_in": "3599"} if good else
                          {"error": "invalid_request",
                           "error_description": "Identity not found"}).encode()
        self.send_response(200 if good else 400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def metadata_service():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), MetadataService)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_managed_identity_is_used_when_there_is_no_key(azurite_tls, store):
    settings = azurite_tls.settings("backups", retry_attempts=0)
    del settings["account_key"]
    with metadata_service() as url:
        env = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": url}
        s = store("azure", settings, AZURE_CLIENT_ID="me", **env)
        s.put("key", SMALL)
        assert s.get("key") == SMALL
        with pytest.raises(StoreError, match="managed identity: no token .400: Identity not"):
            store("azure", settings, AZURE_CLIENT_ID="nobody", **env).list()
    with pytest.raises(StoreError, match="no account_key, no sas_token, and no managed ident"):
        store("azure", settings,
              AZURE_POD_IDENTITY_AUTHORITY_HOST="http://127.0.0.1:1").list()


def test_the_private_authority_is_trusted_when_it_is_named(azurite_tls, store):
    s = store("azure", azurite_tls.settings("backups", endpoint=azurite_tls.host_style))
    s.put("tls", SMALL)
    assert s.get("tls") == SMALL
    distrustful = azurite_tls.settings("backups")
    del distrustful["ca_file"]
    with pytest.raises(StoreError, match="certificate is not trusted"):
        store("azure", distrustful).get("tls")


def test_refusals_say_what_to_do(azurite, store):
    other_key = base64.b64encode(os.urandom(64)).decode()
    by_sas = azurite.settings("backups")
    del by_sas["account_key"]
    cases = [
        (azurite.settings("missing"), "store", "no such container", "make the container"),
        (azurite.settings("backups", account_key=other_key), "denied",
         "failed to connect to Azure", "key may be wrong"),
        (azurite.settings("backups", account_key="?"), "config", "account_key is not base64",
         "az storage account keys list"),
        (azurite.settings("x"), "config", "a name is too long or too short",
         "container_name"),
        (by_sas | {"sas_token": sas(azurite, "backups", expiry="2020-01-01T00:00:00Z")},
         "denied", "failed to connect to Azure", ""),
        (azurite.settings("backups", endpoint="http://127.0.0.1:1", retry_attempts=0),
         "store", "unreachable", "Check the endpoint"),
    ]
    for settings, code, text, hint in cases:
        with pytest.raises(StoreError) as e:
            store("azure", settings).list()
        assert e.value.code == code and text in e.value.text and hint in e.value.hint, e.value
        assert other_key not in str(e.value) and "sig=" not in str(e.value)
    read_only = by_sas | {"sas_token": sas(azurite, "backups", "rl")}
    with pytest.raises(StoreError, match="^denied"):
        store("azure", read_only).put("key", b"x")


class Meddler(http.server.BaseHTTPRequestHandler):
    """A server that spoils answers of Azurite as its plan says; else it passes them on."""

    protocol_version = "HTTP/1.1"
    plan, seen, upstream = [], [], None
    page = None  # so many entries of a listing, whatever is asked for (a SAS lets it pass)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        path = re.sub("maxresults=[0-9]+", f"maxresults={self.page}", self.path) \
            if self.page else self.path
        connection.request(self.command, path, body, dict(self.headers))
        reply = connection.getresponse()
        data = reply.read()
        length = reply.getheader("Content-Length") or str(len(data))
        self.seen.append(f"{self.command} {self.path}")
        for spoil in list(self.plan):
            if spoil["method"] == self.command and spoil.get("part", "") in self.path:
                self.plan.remove(spoil)
                if spoil["what"] == "lose the reply":
                    self.close_connection = True
                    return
                data = data[:len(data) // 2] if spoil["what"] == "truncate" else data
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = len(data) < int(length) and self.command != "HEAD"

    do_GET = do_PUT = do_HEAD = do_DELETE = pass_on

    def log_message(self, *_):
        pass


@pytest.fixture
def meddler(azurite):
    """The class that answers, and the address at which it does."""
    handler = type("Handler", (Meddler,), {"plan": [], "seen": [], "upstream": azurite.port})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def meddled(azurite, store, request, meddler):
    """A store behind a Meddler, and the plan of its deeds."""
    name = "m" + hashlib.sha256(request.node.name.encode()).hexdigest()[:20]
    azurite.create(name)
    handler, url = meddler
    settings = azurite.settings(name, block_size="64KB", retry_attempts=2, endpoint=url)
    return store("azure", settings), handler.plan


def test_a_lost_reply_is_no_lost_write(meddled):
    s, plan = meddled
    plan += [{"method": "PUT", "what": "lose the reply"}]
    s.put("small", SMALL)
    plan += [{"method": "PUT", "part": "comp=blocklist", "what": "lose the reply"}]
    s.put("large", LARGE)
    plan += [{"method": "PUT", "part": "comp=block&", "what": "lose the reply"}] * 2
    s.put("large 2", LARGE)
    plan += [{"method": "PUT", "what": "lose the reply"}]
    s.replace("small", s.version("small"), b"new")
    plan += [{"method": "DELETE", "what": "lose the reply"}]
    assert s.remove("large 2")
    assert not plan
    assert (s.get("small"), s.get("large"), s.get("large 2")) == (b"new", LARGE, None)


def test_a_lost_reply_does_not_make_another_s_blob_ours(meddled):
    s, plan = meddled
    s.put("key", SMALL)
    plan += [{"method": "PUT", "what": "lose the reply"}]
    with pytest.raises(StoreError, match="^exists"):
        s.put("key", SMALL)


def test_reading_what_was_cut_off_tries_again(meddled):
    s, plan = meddled
    s.put("key", SMALL)
    plan += [{"method": "GET", "what": "truncate"}]
    assert s.get("key") == SMALL
    plan += [{"method": "GET", "what": "truncate"}]
    assert s.list() == ["key"]
    assert not plan


def test_a_listing_from_after_a_key_takes_few_requests(azurite, store, meddler):
    azurite.create("many")
    handler, url = meddler
    handler.page = 20
    settings = azurite.settings("many", endpoint=url)
    del settings["account_key"]
    s = store("azure", settings | {"sas_token": sas(azurite, "many")})
    names = [f"backup_202611{day:02}_{n:02}0000_{n:08x}.{kind}" for day in range(1, 9)
             for n in range(12) for kind in ("backup", "meta")]

    def make(name):
        status, _, body = azurite.request("PUT", f"many/backups/{name}", body=b"x",
                                          headers={"x-ms-blob-type": "BlockBlob"})
        assert status == 201, body

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(make, names))
    assert s.list() == names and len(handler.seen) == 10
    for after, requests in (("backup_2026", 10), (names[10], 10), (names[100], 14),
                            (names[-5], 8), (names[-1], 6), ("backup_20261108_9", 4)):
        handler.seen.clear()
        assert s.list(after) == [name for name in names if name > after]
        assert len(handler.seen) <= requests, (after, handler.seen)
