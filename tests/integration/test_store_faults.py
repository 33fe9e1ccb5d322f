# SPDX-License-Identifier: MIT
"""S3 on a bad day: each operation ends within its deadline, with success or a true error."""

import json
import signal
import subprocess
import time
import uuid

import pytest
from fault_proxy import (MOMENTARY, Catcher, FaultProxy, edited, garbage, lost_reply, lost_then,
                         redirect, reset_before, stall, status)
from object_servers import nightly

DEADLINE_S = 10  # of these settings: 1 + 2 * 1 a request, and what a busy machine adds
PATIENCE = {"connection_timeout": "1s", "read_timeout": "1s", "retry_attempts": 3}


class Store:
    """A bucket behind a proxy, and the program that drives the store."""

    def __init__(self, radosgw, proxy, home, bucket):
        self.proxy, self.home, self.bucket, self.radosgw = proxy, home, bucket, radosgw
        self.prefix = uuid.uuid4().hex + "/"
        storage = radosgw.config(bucket, endpoint=proxy.endpoint, prefix=self.prefix,
                                 multipart_threshold="5MB", multipart_chunksize="5MB",
                                 max_concurrency=2, **PATIENCE)
        home.config.write_text(json.dumps({"backup": {"storage": storage}}))
        self.file = home.path / "content"
        self.file.write_bytes(b"what is stored " * 100)

    def __call__(self, *arguments, status=0):
        begun = time.monotonic()
        done = self.home.run(self.home.config, *arguments, name="store_drive", status=status)
        assert time.monotonic() - begun < DEADLINE_S
        return done

    def put(self, key, **how):
        return self("put", key, self.file, **how)

    def holds(self, key):
        return self.radosgw.rclone("cat", f"test:{self.bucket}/{self.prefix}{key}")


@pytest.fixture(scope="module")
def bucket(radosgw):
    return radosgw.new_bucket()


@pytest.fixture
def store(radosgw, home, bucket):
    with FaultProxy(radosgw.port) as proxy:
        yield Store(radosgw, proxy, home, bucket)


@pytest.mark.parametrize("fault", MOMENTARY)
def test_what_fails_once_is_done_again(store, fault):
    make = MOMENTARY[fault]
    store.proxy.script("HEAD", None)
    store.proxy.script("PUT", make())
    store.put("key")
    assert store.holds("key") == store.file.read_bytes()
    store.proxy.script("GET", make())
    assert store("get", "key").stdout == store.file.read_text()
    assert store.proxy.unused == []


def test_retry_after_is_waited_for(store):
    store.put("key")
    begun = time.monotonic()
    store.proxy.script("GET", status(503, {"Retry-After": "1"}))
    store("get", "key")
    assert time.monotonic() - begun >= 1
    store.proxy.script("GET", status(503, {"Retry-After": "3600"}))
    assert "503" in store("get", "key", status=1).stderr


@pytest.mark.parametrize("fault", [lost_reply, lambda: lost_then(500), lambda: lost_then(503)])
def test_a_put_whose_answer_is_lost_is_ours(store, fault):
    store.put("first")
    for count in (1, 2):
        store.proxy.script("PUT", *[fault() for _ in range(count)])
        store.put(f"key{count}")
        assert store.holds(f"key{count}") == store.file.read_bytes()


def test_a_put_whose_answer_is_lost_for_good_is_read_back(store):
    store.proxy.always("PUT", lost_reply())
    store.put("key")
    assert store.holds("key") == store.file.read_bytes()


def test_somebody_elses_object_is_not_taken_for_ours(store):
    store.put("key")
    before = store.file.read_bytes()
    store.file.write_bytes(b"another content")
    store.proxy.script("PUT", lost_reply())
    assert store.put("key", status=1).stderr.startswith("exists: ")
    assert store.holds("key") == before


def test_a_replace_whose_answer_is_lost_is_ours(store):
    store.put("key")
    version = store("stat", "key").stdout.split()[2]
    store.file.write_bytes(b"replaced")
    store.proxy.script("PUT", None, None, lost_reply())
    store("replace", "key", version, store.file)
    assert store.proxy.unused == []
    assert store.holds("key") == b"replaced"


def test_parts_survive_faults(store):
    store.file.write_bytes(bytes(range(256)) * 47000)
    store.proxy.script("PUT", reset_before(), status(500), lost_reply())
    store.proxy.script("POST", status(503), None, lost_reply())
    store.put("large")
    assert store.proxy.unused == []
    assert store.holds("large") == store.file.read_bytes()


def test_parts_that_fail_for_good_are_taken_away(store):
    store.file.write_bytes(bytes(6 << 20))
    store.proxy.always("PUT", status(403, body=b"<Error><Code>AccessDenied</Code></Error>"))
    assert "access denied" in store.put("large", status=1).stderr
    assert store.proxy.requests[-1].startswith("DELETE ")
    assert store("stat", "large", status=3)


ALWAYS = {
    "500": (lambda: status(500), "500"),
    "429": (lambda: status(429), "429"),
    "reset": (reset_before, "the transfer broke off"),
    "stall": (lambda: stall(10), "nothing moved for 1 s"),
    "garbage": (garbage, "the transfer broke off"),
    "an endless body": (lambda: status(200, body=b"x" * (20 << 20)),
                        "longer than|got no Content-Range"),
}


@pytest.mark.parametrize("verb, method", [
    ("get", "GET"), ("put", "*"), pytest.param("list", "GET", marks=nightly),
    pytest.param("stat", "HEAD", marks=nightly)])
@pytest.mark.parametrize("fault", ALWAYS)
def test_what_fails_always_is_a_true_error(store, verb, method, fault):
    if (verb, fault) in {("stat", "an endless body"), ("put", "an endless body")}:
        pytest.skip("no body is read there")
    make, text = ALWAYS[fault]
    store.proxy.always(method, make())
    done = store.put("key", status=1) if verb == "put" else store(
        verb, *(["key"] if verb != "list" else []), status=1)
    assert any(t in done.stderr for t in [*text.split("|"), "given up"]), done.stderr
    assert store.radosgw.secret_key not in done.stderr


def test_wrong_pages_are_noticed(store):
    for key in ("a", "b", "c"):
        store.put(key)
    want = store("list").stdout
    for fault in (edited(rb"<KeyCount>3", b"<KeyCount>4"),
                  edited(rb"<Prefix>[0-9a-f]+", rb"<Prefix>elsewhere"),
                  edited(rb"<Contents>.*</Contents>", rb""),
                  edited(rb"</ListBucketResult>", rb"")):
        store.proxy.script("GET", fault)
        assert store("list").stdout == want  # asked again
        store.proxy.script("GET", fault, fault)
        assert "a wrong page" in store("list", status=1).stderr
    assert store.proxy.unused == []


def test_a_page_that_comes_twice_is_noticed(store):
    for key in ("a", "b", "c"):
        store.put(key)
    want = store("list").stdout
    saved = []
    not_the_last = edited(rb"<IsTruncated>false", rb"<IsTruncated>true")

    def first(request, forward):
        saved.append(not_the_last(request, forward))
        return saved[0]

    def again(request, forward):
        return saved[0]

    store.proxy.script("GET", first, again)
    assert store("list").stdout == want
    store.proxy.script("GET", first, again, again)
    assert "a wrong page" in store("list", status=1).stderr
    assert store.proxy.unused == []


def test_credentials_do_not_go_elsewhere(store):
    with Catcher() as catcher:
        for method in ("GET", "HEAD", "PUT"):
            store.proxy.always(method, redirect(catcher.url))
        for arguments in (["list"], ["get", "key"], ["stat", "key"], ["put", "key", store.file]):
            assert "sends us" in store(*arguments, status=1).stderr
        assert catcher.heard == []


def test_another_region_is_followed_by_signing_anew(store):
    store.proxy.script("GET", status(301, {"x-amz-bucket-region": "eu-west-1"}))
    store("list")
    assert len(store.proxy.requests) == 2


def test_interrupted_within_a_second_or_two(store, program):
    store.proxy.always("GET", stall(20))
    child = subprocess.Popen([program("store_drive"), store.home.config, "get", "key"],
                             env=store.home.env, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    begun = time.monotonic()
    assert "interrupted" in child.communicate(timeout=10)[1]
    assert time.monotonic() - begun < 3
