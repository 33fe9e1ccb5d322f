# SPDX-License-Identifier: MIT
"""S3 with credentials that are handed out: a token's, a container's and a machine's role.

A small server speaks what Amazon's speak near a program: STS for web identities, the
container's endpoint, version 2 of the machine's metadata. What it hands out are sessions of
Ceph's own STS, so that the gateway judges keys and session tokens.
"""

import datetime
import http.server
import json
import threading
import urllib.parse

import pytest
from fault_proxy import FaultProxy, status
from object_servers import gateway

ROLE = "arn:aws:iam::123456789012:role/backups"
STS = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{0}</AccessKeyId>
<SecretAccessKey>{1}</SecretAccessKey><SessionToken>{2}</SessionToken>
<Expiration>{3}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""
REFUSED = ("<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>no</Message>"
           "</Error></ErrorResponse>")


class Near(http.server.BaseHTTPRequestHandler):
    """session, lifetime, identity, refusal and asked are the server's."""

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def session(self):
        end = (datetime.datetime.now(datetime.timezone.utc)
               + datetime.timedelta(seconds=self.server.lifetime))
        return (*self.server.session, end.strftime("%Y-%m-%dT%H:%M:%SZ"))

    def as_json(self):
        names = ("AccessKeyId", "SecretAccessKey", "Token", "Expiration")
        return json.dumps({"Code": "Success", **dict(zip(names, self.session()))})

    def do_POST(self):
        self.server.asked.append("sts")
        form = dict(urllib.parse.parse_qsl(
            self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if self.server.refusal:
            self.answer(*self.server.refusal)
        elif (self.path, form) == ("/", {
                "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": ROLE,
                "RoleSessionName": "schemafs", "WebIdentityToken": "a token+/="}):
            self.answer(200, STS.format(*self.session()))
        else:
            self.answer(400, REFUSED.format("InvalidIdentityToken"))

    def do_PUT(self):
        self.server.asked.append("token")
        good = self.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600"
        if self.path == "/latest/api/token" and good and not self.server.refusal:
            self.answer(200, "session-of-the-machine")
        else:
            self.answer(*(self.server.refusal or (400, "")))

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/container":
            good = self.headers["Authorization"] == "Basic of the container"
            return self.answer(200, self.as_json()) if good else self.answer(401, "")
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.headers["x-aws-ec2-metadata-token"] != "session-of-the-machine":
            return self.answer(401, "")
        return self.answer(200, {roles: "the-role\n", roles + "the-role": self.as_json()}
                           .get(self.path, ""))

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def radosgw(server_root, tls):
    """One of our own: what it says of wrong keys is less exact than what other tests ask for."""
    with gateway(server_root / "ceph-with-sts", tls, sts=True) as server:
        yield server


@pytest.fixture
def near():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Near)
    server.lifetime, server.refusal, server.asked = 3600, None, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def drive(radosgw, near, home, tmp_path):
    """Drives a store that has no keys but those that somebody hands out."""
    near.session = radosgw.session()
    bucket = radosgw.new_bucket()

    def configure(**more):
        storage = radosgw.config(bucket, retry_attempts=0, **more)
        del storage["s3"]["access_key"], storage["s3"]["secret_key"]
        home.config.write_text(json.dumps({"backup": {"storage": storage}}))

    configure()
    (tmp_path / "token").write_text("a token+/=\n")
    (tmp_path / "content").write_text("content")

    def run(*arguments, status=0, **env):
        return home.run(home.config, *arguments, name="store_drive", status=status,
                        env={"AWS_SHARED_CREDENTIALS_FILE": "/nothing",
                             "AWS_CONFIG_FILE": "/nothing", **env})

    run.configure = configure
    run.file = tmp_path / "content"
    run.ways = {
        "web identity": {"AWS_ROLE_ARN": ROLE, "AWS_ENDPOINT_URL_STS": near.url,
                         "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
                         "AWS_EC2_METADATA_DISABLED": "true"},
        "container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": near.url + "/container",
                      "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic of the container"},
        "machine": {"AWS_EC2_METADATA_SERVICE_ENDPOINT": near.url},
    }
    return run


@pytest.mark.parametrize("way", ["web identity", "container", "machine"])
def test_a_session_that_was_handed_out_is_used(drive, near, way):
    drive("put", "key", drive.file, **drive.ways[way])
    assert drive("get", "key", **drive.ways[way]).stdout == "content"
    near.session = (*near.session[:2], "a wrong token")
    said = drive("list", status=1, **drive.ways[way]).stderr
    assert said.startswith("denied: failed to connect to S3"), said


def test_credentials_are_asked_for_once_and_again_when_they_have_expired(radosgw, drive, near):
    drive("bench", "20", **drive.ways["container"])
    assert near.asked == ["/container"]
    near.asked.clear()
    with FaultProxy(radosgw.port) as proxy:
        drive.configure(endpoint=proxy.endpoint)
        proxy.script("PUT", status(400, body=b"<Error><Code>ExpiredToken</Code></Error>"))
        drive("put", "key", drive.file, **drive.ways["container"])
        assert proxy.unused == []
        assert near.asked == ["/container"] * 2
        proxy.always("PUT", status(400, body=b"<Error><Code>ExpiredToken</Code></Error>"))
        said = drive("put", "other", drive.file, status=1, **drive.ways["container"]).stderr
        assert "the session token has expired" in said, said


EXPIRED = (400, REFUSED.format("ExpiredTokenException"))
DENIED = (403, REFUSED.format("AccessDenied"))


@pytest.mark.parametrize("way, refusal, text, hint", [
    ("web identity", EXPIRED, f"role {ROLE} is refused (400 ExpiredTokenException)", "too old"),
    ("web identity", DENIED, f"role {ROLE} is refused (403 AccessDenied)", "must trust"),
    ("machine", (403, ""), "no credentials for S3", "AWS_ACCESS_KEY_ID"),
])
def test_a_refusal_is_told_without_the_token(drive, near, way, refusal, text, hint):
    near.refusal = refusal
    said = drive("list", status=1, **drive.ways[way]).stderr
    assert said.startswith("denied: ") and text in said and hint in said, said
    assert "a token" not in said


def test_a_container_that_names_no_right_is_refused(drive, near):
    env = drive.ways["container"] | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic of another"}
    said = drive("list", status=1, **env).stderr
    assert "credentials for S3: container role" in said and "answers 401" in said, said


def test_nobody_there_is_not_waited_for_long(drive):
    said = drive("list", status=1, AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1").stderr
    assert said.startswith("denied: ") and "no credentials for S3" in said, said


def test_the_server_encrypts_when_asked(radosgw, home, tmp_path):
    """By a key of the server's key management: Ceph takes that over TLS only."""
    (tmp_path / "content").write_bytes(b"content")
    bucket = radosgw.new_bucket()

    def configure(**more):
        storage = radosgw.config(bucket, storage_class="STANDARD", **radosgw.https(), **more)
        home.config.write_text(json.dumps({"backup": {"storage": storage}}))
        return lambda *arguments, status=0: home.run(home.config, *arguments, status=status,
                                                     name="store_drive")

    drive = configure(server_side_encryption="aws:kms", kms_key_id="ours")
    drive("put", "key", tmp_path / "content")
    assert drive("get", "key").stdout == "content"
    assert "aws:kms" in radosgw.head(bucket, "backups/key")
    (tmp_path / "large").write_bytes(b"part" * (3 << 20))
    drive = configure(server_side_encryption="aws:kms", kms_key_id="ours",
                      multipart_threshold="5MB", multipart_chunksize="5MB")
    drive("put", "large", tmp_path / "large")
    assert drive("get", "large").stdout == "part" * (3 << 20)
    assert "aws:kms" in radosgw.head(bucket, "backups/large")
    drive = configure(server_side_encryption="aws:kms", kms_key_id="nobody's")
    said = drive("put", "other", tmp_path / "content", status=1).stderr
    assert "nobody's" in said, said
