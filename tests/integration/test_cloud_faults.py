# SPDX-License-Identifier: MIT
"""Azure and Google on a bad day: what test_store_faults.py asks of S3, asked of them."""

import time
import uuid

import pytest
from cloud_fixtures import StoreError, nightly, store  # noqa: F401
from fault_proxy import (MOMENTARY, Catcher, FaultProxy, edited, garbage, lost_reply, lost_then,
                         redirect, reset_before, stall, status)

DEADLINE_S = 10  # of these settings: 1 + 2 * 1 a request, and what a busy machine adds
PATIENCE = {"connection_timeout": "1s", "read_timeout": "1s", "retry_attempts": 3}
CONTENT = b"what is stored " * 100


class Cloud:
    """A store behind a proxy; upload is the method of its puts."""

    def __init__(self, direct, proxied, proxy, upload):
        self.direct, self.proxied, self.proxy, self.upload = direct, proxied, proxy, upload

    def __getattr__(self, verb):
        def run(*arguments):
            begun = time.monotonic()
            try:
                return getattr(self.proxied, verb)(*arguments)
            finally:
                assert time.monotonic() - begun < DEADLINE_S

        return run

    def do(self, verb):
        return self.put("other", CONTENT) if verb == "put" else getattr(self, verb)(
            *([] if verb == "list" else ["key"]))


@pytest.fixture(params=["azure", "gcs"])
def cloud(request, store):  # noqa: F811
    own = {"prefix": uuid.uuid4().hex + "/", **PATIENCE}
    if request.param == "azure":
        server = request.getfixturevalue("azurite")
        with FaultProxy(server.port) as proxy:
            there = f"{proxy.endpoint}/{server.account}"
            yield Cloud(store("azure", server.settings("backups", **own)),
                        store("azure", server.settings("backups", **own | {"endpoint": there})),
                        proxy, "PUT")
    else:
        server = request.getfixturevalue("google")
        with FaultProxy(server.port) as proxy:
            there = own | {"endpoint": proxy.endpoint}
            yield Cloud(store("gcs", server.settings("backups", **own)),
                        store("gcs", server.settings("backups", **there)), proxy, "POST")


def some(faults, *always):
    """These in every run, the rest at night: most of the time is waiting before another try."""
    return [fault if fault in always else pytest.param(fault, marks=nightly) for fault in faults]


@pytest.mark.parametrize("fault", some(MOMENTARY, "500", "503 with Retry-After", "truncated"))
def test_what_fails_once_is_done_again(cloud, fault):
    make = MOMENTARY[fault]
    cloud.proxy.script(cloud.upload, make())
    cloud.put("key", CONTENT)
    assert cloud.direct.get("key") == CONTENT
    cloud.proxy.script("GET", make())
    assert cloud.get("key") == CONTENT
    cloud.proxy.script("GET", make())
    assert cloud.list() == ["key"]
    assert cloud.proxy.unused == []


LOST = {"nothing": lost_reply, "500": lambda: lost_then(500), "503": lambda: lost_then(503)}


@pytest.mark.parametrize("instead", some(LOST, "nothing"))
def test_a_write_whose_answer_is_lost_is_ours(cloud, instead):
    fault = LOST[instead]
    cloud.proxy.script(cloud.upload, fault(), fault())
    cloud.put("key", CONTENT)
    cloud.proxy.script(cloud.upload, fault())
    cloud.replace("key", cloud.version("key"), b"replaced")
    assert cloud.direct.get("key") == b"replaced"
    cloud.proxy.script("DELETE", fault())
    assert cloud.remove("key")
    assert cloud.proxy.unused == [] and cloud.direct.list() == []


def test_somebody_elses_object_is_not_taken_for_ours(cloud):
    cloud.direct.put("key", b"theirs")
    cloud.proxy.script(cloud.upload, lost_reply())
    with pytest.raises(StoreError, match="^exists: "):
        cloud.put("key", CONTENT)
    assert cloud.direct.get("key") == b"theirs"


ALWAYS = {
    "500": (lambda: status(500), "500"),
    "429": (lambda: status(429), "429"),
    "reset": (reset_before, "the transfer broke off"),
    "garbage": (garbage, "the transfer broke off"),
    "stall": (lambda: stall(10), "nothing moved for 1 s"),
}


@pytest.mark.parametrize("verb", some(["get", "put", "list", "version"], "get", "put"))
@pytest.mark.parametrize("fault", some(ALWAYS, "reset"))
def test_what_fails_always_is_a_true_error(cloud, verb, fault):
    cloud.direct.put("key", CONTENT)
    make, text = ALWAYS[fault]
    cloud.proxy.always("*", make())
    with pytest.raises(StoreError) as e:
        cloud.do(verb)
    assert text in str(e.value) or "given up" in str(e.value), e.value
    assert "Bearer" not in str(e.value) and "sig=" not in str(e.value)


def test_half_a_listing_is_none(cloud):
    for key in ("a", "b", "c"):
        cloud.direct.put(key, b"x")
    half = edited(rb"^(.{200}).*$", rb"\1")
    cloud.proxy.script("GET", half)
    try:
        assert cloud.list() == ["a", "b", "c"]  # asked again
    except StoreError as e:
        assert e.code in ("store", "corrupt"), e
    cloud.proxy.always("GET", half)
    with pytest.raises(StoreError):
        cloud.list()


def test_credentials_do_not_go_elsewhere(cloud):
    cloud.direct.put("key", CONTENT)
    with Catcher() as catcher:
        cloud.proxy.always("*", redirect(catcher.url))
        for verb in ("get", "put", "list", "version", "remove"):
            with pytest.raises(StoreError):
                cloud.do(verb)
        assert catcher.heard == []
