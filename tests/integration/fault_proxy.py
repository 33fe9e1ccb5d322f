# SPDX-License-Identifier: MIT
"""An HTTP proxy that misbehaves by script: what stands between us and a store on a bad day.

    with FaultProxy(server.port) as proxy:
        proxy.script("PUT", status(503, {"Retry-After": "1"}), lost_reply())
        ...                          # the first two PUTs meet these, the rest pass
        proxy.always("GET", stall())
        assert proxy.unused == []    # every fault was met

Speaks HTTP/1.1 on loopback to the client, and passes requests on to the server with the
client's own Host header, so that signatures hold: give the client the proxy's address as
endpoint. Each fault is a function (request, forward) -> bytes to answer, or a sign below.
"""

import http.client
import re
import socketserver
import struct
import threading
import time

STALL_S = 30


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body


class Reply:
    """Bytes for the wire, and what becomes of the connection after so many of them."""

    def __init__(self, data, cut=None, how="close"):
        self.data, self.cut, self.how = data, cut, how


def answer(code, headers, body=b""):
    lines = [f"HTTP/1.1 {code} Fault"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def status(code, headers=None, body=b""):
    """Answers without asking the server."""
    return lambda request, forward: Reply(answer(code, headers or {}, body))


def reset_before():
    """Takes the request and resets the connection; the server never hears of it."""
    return lambda request, forward: Reply(b"", 0, "reset")


def lost_reply():
    """The server does what was asked; nobody says so."""

    def fault(request, forward):
        forward(request)
        return Reply(b"", 0, "reset")

    return fault


def lost_then(code):
    """The server does what was asked; a gateway says that something went wrong."""

    def fault(request, forward):
        forward(request)
        return Reply(answer(code, {}))

    return fault


def reset_in_body(cut=0.5):
    return lambda request, forward: Reply(*halved(forward(request), cut), "reset")


def truncate(cut=0.5):
    """Ends the connection in the middle of the body, in order."""
    return lambda request, forward: Reply(*halved(forward(request), cut), "close")


def halved(data, cut):
    head = data.index(b"\r\n\r\n") + 4
    return data, head + int((len(data) - head) * cut)


def stall(seconds=STALL_S):
    """Half of the answer, and then nothing."""

    def fault(request, forward):
        data = forward(request)
        return Reply(data, len(data) // 2, f"stall {seconds}")

    return fault


def redirect(to):
    """Elsewhere: whoever follows shows his credentials there."""
    return status(307, {"Location": to})


def edited(pattern, replacement):
    """The server's answer with something in its body changed, its length put right."""

    def fault(request, forward):
        head, _, body = forward(request).partition(b"\r\n\r\n")
        body = re.sub(pattern, replacement, body, flags=re.S)
        head = re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), head)
        return Reply(head + b"\r\n\r\n" + body)

    return fault


def garbage(size=2000):
    return lambda request, forward: Reply(b"\x00\xff<garbage>" * (size // 10))


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    timeout = 60

    def handle(self):
        self.server.proxy.accepted += 1
        try:
            while self.one():
                pass
        except (OSError, ValueError):
            pass

    def read(self):
        line = self.rfile.readline(65536).decode("latin-1")
        if not line.strip():
            return None
        method, path, _ = line.split(" ", 2)
        headers = []
        while (line := self.rfile.readline(65536).decode("latin-1").rstrip("\r\n")):
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
        length = next((int(v) for n, v in headers if n.lower() == "content-length"), 0)
        return Request(method, path, headers, self.rfile.read(length))

    def one(self):
        request = self.read()
        if request is None:
            return False
        proxy = self.server.proxy
        fault = proxy.next_fault(request)
        reply = fault(request, proxy.forward) if fault else Reply(proxy.forward(request))
        self.wfile.write(reply.data if reply.cut is None else reply.data[: reply.cut])
        self.wfile.flush()
        if reply.cut is None:
            return True
        if reply.how == "reset":  # RST instead of FIN
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(1, 13, linger)  # SOL_SOCKET, SO_LINGER
        elif reply.how.startswith("stall"):
            proxy.ended.wait(float(reply.how.split()[1]))
        self.connection.close()
        return False


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that goes away is no news


class FaultProxy:
    """requests: "METHOD path" of each that came; accepted: connections."""

    def __init__(self, port):
        self.upstream = port
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.scripts = {}  # guarded by lock: method -> faults to come
        self.constant = {}
        self.requests = []
        self.accepted = 0
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.proxy = self
        self.port = self.server.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def script(self, method, *faults):
        """The next requests with this method ("*": any) meet these, in turn; None passes."""
        with self.lock:
            self.scripts.setdefault(method, []).extend(faults)

    def always(self, method, fault, path=""):
        """Every request with this method, of which the path contains this."""
        self.constant[method] = (fault, path)

    @property
    def unused(self):
        return [f for faults in self.scripts.values() for f in faults]

    def next_fault(self, request):
        with self.lock:
            self.requests.append(f"{request.method} {request.path}")
            for method in (request.method, "*"):
                if self.scripts.get(method):
                    return self.scripts[method].pop(0)
            for method in (request.method, "*"):
                fault, path = self.constant.get(method, (None, ""))
                if fault and path in request.path:
                    return fault
        return None

    def forward(self, request):
        """The server's answer as bytes, with a Content-Length."""
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        connection.putrequest(request.method, request.path, skip_host=True,
                              skip_accept_encoding=True)
        for name, value in request.headers:
            if name.lower() != "connection":
                connection.putheader(name, value)
        connection.endheaders(request.body)
        reply = connection.getresponse()
        body = reply.read()
        headers = [(n, v) for n, v in reply.getheaders()
                   if n.lower() not in ("transfer-encoding", "connection", "content-length")]
        length = reply.getheader("Content-Length") if request.method == "HEAD" else len(body)
        if length is not None and reply.status not in (204, 304):
            headers.append(("Content-Length", length))
        connection.close()
        head = [f"HTTP/1.1 {reply.status} {reply.reason}"] + [f"{n}: {v}" for n, v in headers]
        return "\r\n".join(head + ["", ""]).encode("latin-1") + body


class Catcher:
    """A server that redirects lead to: it must never be asked anything."""

    def __init__(self):
        self.heard = []
        catcher = self

        class Listen(socketserver.StreamRequestHandler):
            def handle(self):
                catcher.heard.append(self.request.recv(65536))

        self.server = Server(("127.0.0.1", 0), Listen)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        time.sleep(0.05)
        self.server.shutdown()
        self.server.server_close()


# What goes by when it is tried again: name, and what makes the answer.
MOMENTARY = {
    "500": lambda: status(500),
    "502": lambda: status(502),
    "503": lambda: status(503),
    "503 with Retry-After": lambda: status(503, {"Retry-After": "1"}),
    "429": lambda: status(429),
    "reset": reset_before,
    "reset in the body": reset_in_body,
    "truncated": truncate,
    "garbage": garbage,
    "stall": lambda: stall(10),
}
