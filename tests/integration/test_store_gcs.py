# SPDX-License-Identifier: MIT
"""Google Cloud Storage: what goes wrong, and every kind of credentials."""

import concurrent.futures
import json
import os
import shutil
import subprocess

import pytest
from cloud_fixtures import StoreError, nightly, store  # noqa: F401

SMALL = os.urandom(1000)
LARGE = os.urandom(900_000)  # four chunks of 256 KB
NO_HOME = {"CLOUDSDK_CONFIG": "/nonexistent"}


@pytest.fixture
def bucket(google, store):
    google.reset()
    return store("gcs", google.settings("backups", chunk_size="256KB", retry_attempts=3))


@nightly
def test_conformance(google, conformance):
    conformance("gcs", google.settings("backups", chunk_size="256KB"))


def test_conformance_over_tls_with_tokens_of_five_seconds(google_tls, conformance):
    conformance("gcs", google_tls.settings("backups", chunk_size="1MB"))
    assert google_tls.counts()["token"] > 1


def test_versions_are_generations(bucket):
    bucket.put("key", SMALL)
    version = bucket.version("key")
    bucket.replace("key", version, b"new")
    assert bucket.get("key") == b"new"
    with pytest.raises(StoreError, match="^busy: .*want version " + version):
        bucket.replace("key", version, b"newer")
    with pytest.raises(StoreError, match="^exists"):
        bucket.put("key", b"other")
    with pytest.raises(StoreError, match="^not_found"):
        bucket.replace("none", version, b"new")


@pytest.mark.parametrize("fault", [
    {"status": 503, "times": 2},
    {"status": 429, "retryAfter": 1, "times": 1},
    {"status": 500, "times": 4},         # more than one request bears: it is asked how far
    {"partial": 262144, "times": 2},     # the server keeps a part of a chunk
    {"partial": 100, "times": 1},        # an odd part of it
    {"partial": 0, "times": 1},
    {"reset": True, "times": 2},
    {"lostReply": True, "times": 2},
    {"status": 410, "times": 1},         # the session is forgotten: from the beginning
], ids=str)
def test_an_upload_survives_a_broken_chunk(google, bucket, fault):
    google.fault(method="PUT", **fault)
    bucket.put("large", LARGE)
    assert bucket.get("large") == LARGE


def test_an_upload_that_gets_no_further_ends(google, bucket):
    google.fault(method="PUT", partial=0)
    with pytest.raises(StoreError, match="the server gets no further than 0 of 900000 bytes"):
        bucket.put("large", LARGE)
    assert bucket.get("large") is None


def test_a_lost_reply_is_no_lost_write(google, bucket):
    google.fault(method="POST", path="uploadType=multipart", lostReply=True, times=1)
    bucket.put("small", SMALL)
    google.fault(method="PUT", path="upload_id", lostReply=True, times=1)
    bucket.put("large", LARGE)
    google.fault(method="POST", path="uploadType=multipart", lostReply=True, times=1)
    bucket.replace("small", bucket.version("small"), b"new")
    google.fault(method="DELETE", lostReply=True, times=1)
    assert bucket.remove("large")
    assert (bucket.get("small"), bucket.get("large")) == (b"new", None)


def test_a_lost_reply_does_not_make_another_s_object_ours(google, bucket):
    bucket.put("key", SMALL)
    google.fault(method="POST", path="uploadType=multipart", lostReply=True, times=1)
    with pytest.raises(StoreError, match="^exists"):
        bucket.put("key", SMALL)


@pytest.mark.parametrize("fault", [
    {"status": 503, "times": 2}, {"reset": True, "times": 2}, {"truncate": 10, "times": 2},
], ids=str)
def test_reading_tries_again(google, bucket, fault):
    bucket.put("key", SMALL)
    google.fault(method="GET", path="alt=media", **fault)
    assert bucket.get("key") == SMALL
    google.fault(method="GET", path="/o\\?", **fault)
    assert bucket.list() == ["key"]


def test_a_failure_that_stays_is_told(google, bucket):
    google.fault(method="GET", status=503)
    with pytest.raises(StoreError) as e:
        bucket.get("key")
    assert e.value.code == "store"
    assert "the server is overloaded (503 backendError: injected, after 4 attempts)" in e.value.text


def test_listing_from_after_a_key_costs_one_request(google, bucket, store):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        names = [f"backup_{i:04}.meta" for i in range(12)]
        list(pool.map(lambda name: bucket.put(name, b"x"), names))
    before = google.counts()["GET list"] if "GET list" in google.counts() else 0
    assert bucket.list(names[8]) == names[9:]
    assert google.counts()["GET list"] == before + 1
    assert bucket.list() == names


def test_tokens_are_renewed_and_the_private_authority_is_trusted(google_tls, store, program,
                                                                 tmp_path):
    s = store("gcs", google_tls.settings("backups"))
    s.put("key", SMALL)
    assert s.get("key") == SMALL
    distrustful = google_tls.settings("backups")
    del distrustful["ca_file"]
    with pytest.raises(StoreError, match="certificate is not trusted"):
        store("gcs", distrustful).get("key")


def test_every_kind_of_credentials_is_taken(google, bucket, store, tmp_path):
    bucket.put("key", SMALL)
    settings = google.settings("backups")
    assert store("gcs", google.settings("backups", "user")).get("key") == SMALL
    del settings["credentials_path"]
    environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(google.credentials())}
    assert store("gcs", settings, **environment).get("key") == SMALL
    (tmp_path / "gcloud").mkdir()
    shutil.copy(google.credentials("user"),
                tmp_path / "gcloud/application_default_credentials.json")
    assert store("gcs", settings, CLOUDSDK_CONFIG=str(tmp_path / "gcloud")).get("key") == SMALL
    machine = {"GCE_METADATA_HOST": f"127.0.0.1:{google.port}"}
    assert store("gcs", settings, **NO_HOME, **machine).get("key") == SMALL


def test_refusals_say_what_to_do(google, bucket, store, tmp_path):
    stranger = json.loads(google.credentials().read_text())
    stranger["client_email"] = "reader@project.iam.gserviceaccount.com"
    (tmp_path / "stranger.json").write_text(json.dumps(stranger))
    nowhere = google.settings("backups")
    del nowhere["credentials_path"]
    cases = [
        (google.settings("no-bucket"), {}, "store", "no such bucket", "make the bucket"),
        (google.settings("backups", credentials_path=str(tmp_path / "stranger.json")), {},
         "denied", "the credentials are not accepted (400 invalid_grant: Invalid JWT Sig",
         "The key may be deleted"),
        (google.settings("paid-bucket", "user"), {}, "config",
         "the bucket's owner does not pay for requests", "project_id"),
        (nowhere, NO_HOME | {"GCE_METADATA_HOST": "127.0.0.1:1"}, "denied",
         "no credentials_path, no gcloud login, and no metadata server", "key file"),
        (google.settings("backups", endpoint="http://127.0.0.1:1", retry_attempts=0), {},
         "store", "unreachable", "Check the endpoint"),
    ]
    for settings, env, code, text, hint in cases:
        with pytest.raises(StoreError) as e:
            store("gcs", settings, **env).list()
        assert e.value.code == code and text in e.value.text and hint in e.value.hint, e.value
        assert "BEGIN" not in str(e.value) and "ya29" not in str(e.value)
    with pytest.raises(StoreError, match="^denied.*failed to connect to Google: access denied"):
        store("gcs", google.settings("backups", "reader")).put("key", b"x")
    store("gcs", google.settings("paid-bucket")).list()  # the account's project pays


def test_a_wrong_clock_is_named(google, store):
    preload = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    if not os.path.exists(preload):
        pytest.skip("libfaketime is not installed")
    s = store("gcs", google.settings("backups"), LD_PRELOAD=preload, FAKETIME="-2h",
              ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0")
    with pytest.raises(StoreError, match="this machine's clock is 7[12][0-9][0-9] s behind"):
        s.list()


def test_rclone_reads_what_we_wrote_and_we_what_it_wrote(google, bucket, tmp_path):
    if not shutil.which("rclone"):
        pytest.skip("rclone is not installed")
    env = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}
    env |= {"RCLONE_CONFIG": "/dev/null", "HOME": str(tmp_path)}
    remote = (f":gcs,endpoint='{google.base}/storage/v1/',"
              f"service_account_file='{google.credentials()}',bucket_policy_only=true:")

    def rclone(*arguments):
        done = subprocess.run(["rclone", "--retries", "1", *arguments], env=env,
                              capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    bucket.put("ours a+b.meta", SMALL)
    bucket.put("ours.backup", LARGE)
    assert rclone("cat", f"{remote}backups/backups/ours a+b.meta") == SMALL
    assert rclone("cat", f"{remote}backups/backups/ours.backup") == LARGE
    (tmp_path / "theirs.backup").write_bytes(LARGE)
    rclone("copyto", str(tmp_path / "theirs.backup"), f"{remote}backups/backups/theirs.backup")
    assert bucket.get("theirs.backup") == LARGE
    assert bucket.list() == ["ours a+b.meta", "ours.backup", "theirs.backup"]
