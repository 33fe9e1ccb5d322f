# SPDX-License-Identifier: MIT
"""Real object-store servers for tests: Ceph's S3 gateway and OpenStack Swift's.

    def test_x(radosgw):
        config = radosgw.config(bucket=radosgw.new_bucket(), max_concurrency=4)
        radosgw.rclone("copyto", file, f"test:{bucket}/key")

One of each for the whole run, on loopback, on free ports, with everything below a
directory of the run; ended by process id. Tests are skipped where a server is not installed.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import uuid

import pytest
from loopback import Authority
from mariadb_server import end_with_parent, free_port, server_path

START_SECONDS = 60

nightly = pytest.mark.skipif("NIGHTLY" not in os.environ,
                             reason="takes long: set NIGHTLY=1 to run it")

CEPH = """\
[global]
fsid = {fsid}
run_dir = {d}
admin_socket = {d}/$name.asok
pid_file = {d}/$name.pid
log_file = {d}/$name.log
crash_dir = {d}
mon_initial_members = a
mon_host = [v2:127.0.0.1:{mon}]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_port_min = {low}
ms_bind_port_max = {high}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
ms_mon_service_mode = crc
ms_mon_cluster_mode = crc
auth_allow_insecure_global_id_reclaim = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
paxos_propose_interval = 0.05
paxos_min_wait = 0.02
osd_heartbeat_grace = 60
[mon]
mon_data = {d}/mon
mon_cluster_log_file = {d}/cluster.log
mon_osd_initial_require_min_compat_client = luminous
[osd]
osd_data = {d}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_memory_target = 939524096
[client.rgw]
rgw_frontends = beast tcp_nodelay=1 endpoint=127.0.0.1:{http} ssl_endpoint=127.0.0.1:{https} \
ssl_certificate={tls.certificate} ssl_private_key={tls.key}
rgw_enable_apis = s3, admin, sts
rgw_s3_auth_use_sts = {sts}
rgw_sts_key = 0123456789abcdef
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = ours={kms}
rgw_enable_usage_log = false
rgw_dns_name = s3.localhost
rgw_thread_pool_size = 32
"""

SWIFT = """\
[DEFAULT]
swift_dir = {d}
devices = {d}/srv
mount_check = false
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = root
fallocate_reserve = 0
disable_fallocate = true
log_level = WARNING
log_address = {d}/log
"""
SWIFT_BACKEND = """\
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
[{name}-replicator]
[{name}-updater]
[{name}-auditor]
"""
SWIFT_PROXY = """\
[pipeline:main]
pipeline = catch_errors healthcheck cache listing_formats s3api tempauth bulk slo dlo \
versioned_writes symlink copy proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
check_bucket_owner = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
[filter:symlink]
use = egg:swift#symlink
[filter:copy]
use = egg:swift#copy
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""


def need(*programs):
    for name in programs:
        if not shutil.which(name, path=server_path()):
            pytest.skip(f"{name} is not installed")


def run(*command, **how):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          env=dict(os.environ, PATH=server_path()), **how)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def wait_for_port(port, process):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens at port {port}")


class Processes:
    def __init__(self, directory):
        self.directory = directory
        self.running = []

    def start(self, *command):
        log = open(self.directory / f"{os.path.basename(command[0])}.out", "ab")
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True,
                                   env=dict(os.environ, PATH=server_path(),
                                            PYTHONDONTWRITEBYTECODE="1"),
                                   preexec_fn=end_with_parent)
        log.close()
        self.running.append(process)
        return process

    def end(self):
        for process in self.running:
            process.kill()
        for process in self.running:
            process.wait()


class S3Server:
    """Where it is, an account of it, and the words that a configuration needs."""

    def __init__(self, directory, port, access_key, secret_key):
        self.directory = directory
        self.port = port
        self.https_port = None
        self.ca_file = None
        self.access_key = access_key
        self.secret_key = secret_key

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def config(self, bucket, **more):
        """backup.storage of a configuration."""
        settings = {"bucket": bucket, "endpoint": self.endpoint, "prefix": "backups/",
                    "access_key": self.access_key, "secret_key": self.secret_key, **more}
        return {"provider": "s3", "s3": settings}

    def rclone(self, *arguments):
        """The client of many clouds, which speaks to S3 through Amazon's own library for Go."""
        need("rclone")
        options = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": self.endpoint,
                   "ACCESS_KEY_ID": self.access_key, "SECRET_ACCESS_KEY": self.secret_key,
                   "REGION": "us-east-1"}
        env = {f"RCLONE_CONFIG_TEST_{name}": value for name, value in options.items()}
        done = subprocess.run(["rclone", "--config", "/dev/null", *map(str, arguments)],
                              env={"PATH": server_path(), "HOME": "/nonexistent", **env},
                              capture_output=True)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    def new_bucket(self):
        name = "b" + uuid.uuid4().hex[:12]
        self.rclone("mkdir", f"test:{name}")
        return name


def policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class RadosGateway(S3Server):
    """sts: it hands out sessions, and is then less exact about why it refuses somebody."""

    def __init__(self, directory, tls, sts=False):
        super().__init__(directory, free_port(), "TESTACCESSKEY0000001",
                         "testsecretkeytestsecretkeytestsecretkey1")
        self.https_port = free_port()
        self.ca_file = tls.ca
        self.role = None
        self.processes = Processes(directory)
        mon = free_port()
        self.conf = directory / "ceph.conf"
        fsid = str(uuid.uuid4())
        for name in ("mon", "osd"):
            (directory / name).mkdir()
        self.conf.write_text(CEPH.format(d=directory, tls=tls, fsid=fsid, mon=mon, low=mon + 1,
                                         high=mon + 60, http=self.port, https=self.https_port,
                                         sts=str(sts).lower(), kms=base64.b64encode(os.urandom(32)).decode()))
        run("monmaptool", "--create", "--clobber", "--fsid", fsid, "--addv", "a",
            f"[v2:127.0.0.1:{mon}]", directory / "monmap")
        run("ceph-mon", "--mkfs", "-i", "a", "-c", self.conf, "--monmap", directory / "monmap")

    def start(self):
        daemon = ["-c", self.conf, "-f", "--setuser", "root", "--setgroup", "root"]
        self.processes.start("ceph-mon", "-i", "a", *daemon)
        osd = str(uuid.uuid4())
        run("ceph", "-c", self.conf, "--connect-timeout", "30", "osd", "new", osd)
        run("ceph-osd", "-i", "0", "-c", self.conf, "--mkfs", "--osd-uuid", osd)
        self.processes.start("ceph-osd", "-i", "0", *daemon)
        gateway = self.processes.start("radosgw", "-n", "client.rgw", *daemon)
        wait_for_port(self.port, gateway)
        self.admin("user", "create", "--uid=test", "--display-name=test",
                   f"--access-key={self.access_key}", f"--secret-key={self.secret_key}")

    def admin(self, *arguments):
        return run("radosgw-admin", "-n", "client.rgw", "-c", self.conf, *arguments)

    def head(self, bucket, key):
        """The headers of an object, as curl gets them over TLS."""
        return run("curl", "--silent", "--show-error", "--head", "--cacert", self.ca_file,
                   "--aws-sigv4", "aws:amz:us-east-1:s3",
                   "--user", f"{self.access_key}:{self.secret_key}",
                   "--header", f"x-amz-content-sha256: {hashlib.sha256().hexdigest()}",
                   f"https://127.0.0.1:{self.https_port}/{bucket}/{key}")

    def session(self, seconds=900):
        """Credentials for a while, as Amazon's STS hands them out: (key, secret, token)."""
        if not self.role:
            anyone = {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam:::user/test"]},
                      "Action": ["sts:AssumeRole"]}
            all_of_s3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}
            said = self.admin("role", "create", "--role-name=Tester", "--path=/",
                              "--assume-role-policy-doc=" + policy(anyone))
            self.admin("role-policy", "put", "--role-name=Tester", "--policy-name=all",
                       "--policy-doc=" + policy(all_of_s3))
            self.role = json.loads(said)["Arn"]
        xml = run("curl", "--silent", "--show-error", "--aws-sigv4", "aws:amz:us-east-1:sts",
                  "--user", f"{self.access_key}:{self.secret_key}", self.endpoint + "/",
                  "--data", f"Action=AssumeRole&DurationSeconds={seconds}&RoleArn={self.role}"
                  "&RoleSessionName=tester&Version=2011-06-15")
        return tuple(re.search(f"<{name}>(.*?)</{name}>", xml)[1] for name in
                     ("AccessKeyId", "SecretAccessKey", "SessionToken"))

    def https(self):
        """By its number: of a name, the gateway takes what is left of "s3" for a bucket."""
        return {"endpoint": f"https://127.0.0.1:{self.https_port}", "ca_file": str(self.ca_file)}


class Swift(S3Server):
    def __init__(self, directory):
        super().__init__(directory, free_port(), "test:tester", "testing")
        self.processes = Processes(directory)
        (directory / "srv" / "d1").mkdir(parents=True)
        (directory / "swift.conf").write_text(
            f"[swift-hash]\nswift_hash_path_suffix = {uuid.uuid4().hex}\n"
            "[storage-policy:0]\nname = gold\ndefault = yes\n"
            "[swift-constraints]\nmax_header_size = 16384\n")
        self.backends = {name: free_port() for name in ("object", "container", "account")}

    def start(self):
        d = self.directory
        for name, port in self.backends.items():
            builder = d / f"{name}.builder"
            run("swift-ring-builder", builder, "create", "4", "1", "0")
            run("swift-ring-builder", builder, "add", f"r1z1-127.0.0.1:{port}/d1", "1")
            subprocess.run(["swift-ring-builder", builder, "rebalance"], capture_output=True)
            self.daemon(name, SWIFT_BACKEND.format(name=name), port)
        wait_for_port(self.port, self.daemon("proxy", SWIFT_PROXY, self.port))

    def daemon(self, name, sections, port):
        conf = self.directory / f"{name}.conf"
        conf.write_text(SWIFT.format(d=self.directory, port=port) + sections)
        process = self.processes.start(f"swift-{name}-server", conf)
        if name != "proxy":
            wait_for_port(port, process)
        return process


@pytest.fixture(scope="session")
def tls(server_root):
    need("openssl")
    return Authority(server_root / "tls")


@contextlib.contextmanager
def gateway(directory, tls, **how):
    need("radosgw", "ceph-mon", "ceph-osd", "rclone")
    if os.geteuid() != 0:
        pytest.skip("Ceph's daemons want to be started by root here")
    directory.mkdir()
    server = RadosGateway(directory, tls, **how)
    try:
        server.start()
        yield server
    finally:
        server.processes.end()


@pytest.fixture(scope="session")
def radosgw(server_root, tls):
    with gateway(server_root / "ceph", tls) as server:
        yield server


@pytest.fixture(scope="session")
def swift(tmp_path_factory):
    need("swift-proxy-server", "swift-object-server", "swift-ring-builder", "rclone")
    if os.geteuid() != 0:
        pytest.skip("Swift's servers want to be started by root here")
    server = Swift(tmp_path_factory.mktemp("swift"))  # needs extended attributes
    try:
        server.start()
        yield server
    finally:
        server.processes.end()
