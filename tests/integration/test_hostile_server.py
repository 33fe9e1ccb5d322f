# SPDX-License-Identifier: MIT
"""A server that lies: our files stay ours, and nonsense is an error, not a crash."""

import contextlib
import socket
import struct
import threading

import pytest
from drive import Refused

PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, LOCAL_FILES = 0x200, 0x8000, 0x80000, 0x80
OK = b"\x00\x00\x00\x02\x00\x00\x00"


def packet(number, payload):
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


def greeting():
    capabilities = PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH | LOCAL_FILES
    return (
        b"\x0a8.0.36\0" + struct.pack("<I", 1) + b"12345678\0"
        + struct.pack("<HBHHB", capabilities & 0xFFFF, 45, 2, capabilities >> 16, 21)
        + b"\0" * 10 + b"123456789012\0" + b"mysql_native_password\0"
    )  # fmt: skip


class Liar:
    """Shakes hands, then answers the first statement with given bytes."""

    def __init__(self, answer, first=None):
        self.answer, self.first = answer, first
        self.received = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        with contextlib.suppress(OSError), self.listener, self.listener.accept()[0] as c:
            c.settimeout(5)
            c.sendall(self.first if self.first is not None else packet(0, greeting()))
            if self.first is None:
                c.recv(4096)
                c.sendall(packet(2, OK))
                c.recv(4096)
                c.sendall(self.answer)
            c.shutdown(socket.SHUT_WR)
            while data := c.recv(65536):
                self.received += data


def meet(drive, tmp_path, liar):
    options = tmp_path / "options"
    options.write_text("[client]\nlocal-infile=1\n")
    victim = drive.as_user(
        "u", socket=None, host="127.0.0.1", port=liar.port, defaults_file=str(options)
    )
    with pytest.raises(Refused) as failed:
        victim("databases")
    liar.thread.join()
    return failed.value


def test_a_server_asks_for_our_files_in_vain(drive, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the launch code")
    liar = Liar(packet(1, b"\xfb" + str(secret).encode()))
    meet(drive, tmp_path, liar)
    assert b"launch" not in liar.received


@pytest.mark.parametrize(
    "answer",
    {
        "nothing": b"",
        "half a header": b"\x01\x00",
        "less than announced": struct.pack("<I", 5000)[:3] + b"\x01" + b"x",
        "16 MB announced": b"\xff\xff\xff\x01" + b"x" * 100,
        "no such packet": packet(1, b""),
        "too many columns": packet(1, b"\xfe" + b"\xff" * 8),
        "a column that lies": packet(1, b"\x01")
        + packet(2, b"\xfd\xff\xff\xff")
        + packet(3, b"\xfe\0\0\2\0"),
        "an error without text": packet(1, b"\xff"),
        "zeros": b"\x00" * 1000,
        "noise": bytes(range(256)) * 4,
    }.items(),
    ids=lambda pair: pair[0],
)  # fmt: skip
def test_nonsense_is_an_error(drive, tmp_path, answer):
    assert meet(drive, tmp_path, Liar(answer[1])).code in ("connect", "server")


@pytest.mark.parametrize(
    "first",
    [
        b"", b"HTTP/1.1 400 Bad Request\r\n\r\n",
        packet(0, b"\x0a"), packet(0, b"\x09x\0"), packet(0, b"\xff"),
    ],
    ids=["nothing", "http", "cut off", "old", "error"],
)  # fmt: skip
def test_another_protocol_is_an_error(drive, tmp_path, first):
    error = meet(drive, tmp_path, Liar(b"", first))
    assert error.code == "connect"
    assert error.text.startswith("failed to connect to database: ")
