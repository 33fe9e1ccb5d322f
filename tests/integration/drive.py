# SPDX-License-Identifier: MIT
"""Calls engine/server through tests/tools/server_drive."""

import json
import subprocess

TIMEOUT = 120


class Refused(Exception):
    """The call failed: .code, .text, .hint as in struct error."""

    def __init__(self, answer):
        error = answer["error"]
        super().__init__(f"{error['code']}: {error['text']}")
        self.code = error["code"]
        self.text = error["text"]
        self.hint = error["hint"]
        self.answer = answer


class Drive:
    def __init__(self, program, server, **connection):
        self.program = str(program)
        self.connection = {"socket": server.socket, "user": "root", **connection}

    def as_user(self, user, password=None, **connection):
        other = Drive.__new__(Drive)
        other.program = self.program
        other.connection = {**self.connection, "user": user, **connection}
        if password is not None:
            other.connection["password"] = password
        return other

    def command(self, *arguments):
        return [self.program, json.dumps(self.connection), *map(str, arguments)]

    def __call__(self, *arguments, stdin="", env=None):
        done = subprocess.run(
            self.command(*arguments),
            input=stdin.encode(),
            capture_output=True,
            timeout=TIMEOUT,
            env=env,
        )
        assert done.returncode in (0, 1), done.stderr.decode(errors="replace")
        return self.answer(done.stdout, done.returncode)

    def answer(self, stdout, returncode):
        answer = json.loads(stdout.decode().splitlines()[-1])
        if returncode:
            raise Refused(answer)
        return answer

    def start(self, *arguments):
        """In the background, with pipes."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self, process):
        stdout, stderr = process.communicate(timeout=TIMEOUT)
        assert process.returncode in (0, 1), stderr.decode(errors="replace")
        return self.answer(stdout, process.returncode)

    def capture(self, database):
        """The schema, its objects by (kind, name)."""
        schema = self("capture", database)
        assert schema["found"] == 1
        schema["by_name"] = {(o["kind"], o["name"]): o for o in schema["objects"]}
        return schema

    def apply(self, database, *steps):
        steps = [{"sql": s} if isinstance(s, str) else s for s in steps]
        return self("apply", database, stdin=json.dumps(steps))
