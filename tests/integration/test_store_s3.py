# SPDX-License-Identifier: MIT
"""S3 on real servers: the conformance suite, other clients' objects, refusals."""

import json
import os
import re
import subprocess
import time

import pytest
from object_servers import nightly


# Of the whole suite with an object of 200 MB; the sanitizers have a memory of their own.
PEAK_MB = 64
PEAK_SANITIZED_MB = 192


@pytest.fixture
def is_sanitized(build_dir):
    libraries = subprocess.run(["ldd", build_dir / "tests/unit/test_store"],
                               capture_output=True, text=True).stdout
    return "libasan" in libraries


@pytest.fixture
def suite(build_dir, home):
    """Runs tests/unit/test_store on a configured store; the names of what failed."""

    def run(storage, **env):
        home.config.write_text(json.dumps({"backup": {"storage": storage}}))
        done = subprocess.run(
            ["/usr/bin/time", "-f", "peak %M", build_dir / "tests/unit/test_store"]
            if env.get("LARGE_MB") else [build_dir / "tests/unit/test_store"],
            env={**home.env, "STORE_UNDER_TEST": str(home.config), **env},
            capture_output=True, text=True, timeout=300)
        failed = re.findall(r"^\[  FAILED  \] (\w+)$", done.stdout + done.stderr, re.M)
        assert "test(s) run" in done.stdout + done.stderr, done.stdout + done.stderr
        assert done.returncode == len(set(failed)), done.stderr
        return set(failed), done.stdout + done.stderr

    return run


PARTS = {"multipart_threshold": "10MB", "multipart_chunksize": "5MB", "max_concurrency": 8}


def test_conformance_on_ceph(radosgw, suite):
    failed, said = suite(radosgw.config(radosgw.new_bucket(), **PARTS))
    assert not failed, said


def test_conformance_on_ceph_over_tls_with_the_bucket_in_the_host_name(radosgw, suite):
    where = {**radosgw.https(), "endpoint": f"https://s3.localhost:{radosgw.https_port}"}
    failed, said = suite(radosgw.config(radosgw.new_bucket(), path_style=False, **PARTS, **where))
    assert not failed, said


@nightly
def test_conformance_on_swift_which_has_no_conditions(swift, suite):
    failed, said = suite(swift.config(swift.new_bucket(), **PARTS), STORE_IS_UNCONDITIONAL="1")
    assert not failed, said


def drive(home, *arguments, status=0, **how):
    return home.run(home.config, *arguments, name="store_drive", status=status, **how)


@pytest.mark.parametrize("name", ["radosgw", pytest.param("swift", marks=nightly)])
def test_other_clients_read_what_we_write_and_the_reverse(name, request, home, tmp_path, program):
    server = request.getfixturevalue(name)
    text = os.urandom(11 << 20)
    (tmp_path / "large").write_bytes(text)
    bucket = server.new_bucket()
    home.config.write_text(json.dumps({"backup": {"storage": server.config(bucket, **PARTS)}}))
    drive(home, "put", "a b+c&d=e%.meta", tmp_path / "large")
    assert server.rclone("cat", f"test:{bucket}/backups/a b+c&d=e%.meta") == text
    server.rclone("copyto", tmp_path / "large", f"test:{bucket}/backups/theirs~(1).backup")
    got = subprocess.run([program("store_drive"), home.config, "get", "theirs~(1).backup"],
                         env=home.env, capture_output=True, check=True).stdout
    assert got == text
    listed = [line.rsplit(" ", 3)[:2] for line in drive(home, "list").stdout.split("\n")[:-1]]
    assert listed == [["a b+c&d=e%.meta", str(len(text))], ["theirs~(1).backup", str(len(text))]]


@nightly
def test_200_mb_stream_in_64_mb(radosgw, suite, is_sanitized):
    failed, said = suite(radosgw.config(radosgw.new_bucket()), LARGE_MB="200",
                         ASAN_OPTIONS="quarantine_size_mb=1")
    assert not failed, said
    peak = int(re.search(r"^peak (\d+)$", said, re.M)[1]) / 1024
    assert peak <= (PEAK_SANITIZED_MB if is_sanitized else PEAK_MB)


REFUSALS = [
    ({"bucket": "no-such-bucket"}, "no such bucket (404 NoSuchBucket", "aws s3 mb"),
    ({"access_key": "NOBODY"}, "failed to connect to S3: no such access key (403", "access_key"),
    ({"secret_key": "wrong"}, "failed to connect to S3: the secret key is wrong (403", "secret_key"),
]


@pytest.mark.parametrize("wrong, text, hint", REFUSALS)
def test_a_refusal_says_why_and_what_to_do(radosgw, home, wrong, text, hint):
    bucket = radosgw.new_bucket()
    settings = {"backup": {"storage": radosgw.config(**{"bucket": bucket, **wrong})}}
    home.config.write_text(json.dumps(settings))
    for command in (["list"], ["get", "key"], ["stat", "key"]):
        done = drive(home, *command, status=1)
        if command[0] == "stat" and "bucket" not in wrong:
            continue  # a refused HEAD has no words
        assert text in done.stderr and hint in done.stderr, done.stderr


def test_denied_is_in_the_words_of_the_guide(radosgw, home):
    radosgw.admin("user", "create", "--uid=other", "--display-name=other",
                  "--access-key=OTHER", "--secret-key=othersecret")
    settings = radosgw.config(radosgw.new_bucket(), access_key="OTHER", secret_key="othersecret")
    home.config.write_text(json.dumps({"backup": {"storage": settings}}))
    for command in (["list"], ["stat", "key"], ["put", "key", "/etc/hostname"]):
        done = drive(home, *command, status=1)
        assert done.stderr.startswith("denied: failed to connect to S3: access denied (403"), done
        assert "s3:PutObject" in done.stderr


def test_an_untrusted_certificate_is_refused_at_once(radosgw, home, tls):
    bucket = radosgw.new_bucket()
    for more in ({"endpoint": f"https://localhost:{radosgw.https_port}"},
                 {"endpoint": f"https://other.localhost:{radosgw.https_port}",
                  "ca_file": str(tls.ca)}):
        storage = radosgw.config(bucket, **more)
        home.config.write_text(json.dumps({"backup": {"storage": storage}}))
        begun = time.monotonic()
        done = drive(home, "list", status=1)
        assert "the server's certificate is not trusted" in done.stderr
        assert "ca_file" in done.stderr
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize("more, address", [
    ({}, "https://bucket.s3.us-east-1.amazonaws.com/"),
    ({"region": "cn-north-1"}, "https://bucket.s3.cn-north-1.amazonaws.com.cn/"),
    ({"use_accelerate_endpoint": True}, "https://bucket.s3-accelerate.amazonaws.com/"),
    ({"path_style": True}, "https://s3.us-east-1.amazonaws.com/bucket/"),
    ({"bucket": "dots.in.it"}, "https://s3.us-east-1.amazonaws.com/dots.in.it/"),
    ({"endpoint": "https://objects.example.org:8443"},
     "https://objects.example.org:8443/bucket/"),
    ({"endpoint": "https://objects.example.org", "path_style": False},
     "https://bucket.objects.example.org/"),
])
def test_the_address_of_a_bucket(home, more, address):
    storage = {"bucket": "bucket", "access_key": "A", "secret_key": "S", "retry_attempts": 0,
               "connection_timeout": "1s", **more}
    home.config.write_text(json.dumps({"backup": {"storage": {"provider": "s3", "s3": storage}}}))
    done = drive(home, "list", status=1, env={"https_proxy": "http://127.0.0.1:1"})
    assert f"GET {address}: unreachable" in done.stderr, done.stderr


@pytest.mark.parametrize("more", [{"endpoint": "https://objects.example.org"},
                                  {"path_style": True}, {"bucket": "dots.in.it"}])
def test_acceleration_is_amazons_and_by_host_name_only(home, more):
    storage = {"bucket": "bucket", "use_accelerate_endpoint": True, **more}
    home.config.write_text(json.dumps({"backup": {"storage": {"provider": "s3", "s3": storage}}}))
    done = drive(home, "list", status=1)
    assert done.stderr.startswith("config: ") and "use_accelerate_endpoint" in done.stderr


def test_nobody_there_is_said_soon(home, radosgw):
    storage = radosgw.config("bucket", endpoint="http://127.0.0.1:1", retry_attempts=2)
    home.config.write_text(json.dumps({"backup": {"storage": storage}}))
    done = drive(home, "list", status=1)
    assert "after 3 attempts: unreachable" in done.stderr
    assert "https_proxy" in done.stderr
