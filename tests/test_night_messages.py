"""One message about a night that failed: by file, web address or e-mail, and never in the way."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from orchestration.message import FailedNight, failed_night, send
from orchestration.operation import operation

NIGHT = FailedNight(
    "failed", ("judged_returns: OSError: No space left on device",), "94c582420789",
    datetime(2026, 11, 27, 2, 3, tzinfo=UTC),
)  # fmt: skip


@dataclass
class Receiver:
    """What a server was sent, and where it listens."""

    port: int = 0
    got: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def web() -> Iterator[Receiver]:
    """A web server that takes one message."""
    receiver = Receiver()

    class Takes(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Takes)
    receiver.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail() -> Iterator[Receiver]:
    """A mail server that takes one message, by the few words of SMTP that it needs."""
    receiver = Receiver()
    listening = socket.create_server(("127.0.0.1", 0))
    receiver.port = listening.getsockname()[1]

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rw", encoding="utf-8", newline="\r\n") as line:
            line.write("220 here\r\n")
            line.flush()
            in_data = False
            while words := line.readline():
                receiver.got.append(words.rstrip("\r\n"))
                if in_data and words.rstrip("\r\n") != ".":
                    continue
                in_data = words.upper().startswith("DATA")
                quits = words.upper().startswith("QUIT")
                line.write("354 go on\r\n" if in_data else "221 bye\r\n" if quits else "250 ok\r\n")
                line.flush()
                if quits:
                    break
        receiver.done.set()

    threading.Thread(target=serve, daemon=True).start()
    yield receiver
    listening.close()


def test_the_message_says_what_happened_what_stands_and_what_to_do() -> None:
    assert NIGHT.text.splitlines() == [
        "Inclusion Outcomes: A refresh failed, at 2026-11-27 02:03 UTC.",
        "",
        "- judged_returns: OSError: No space left on device",
        "",
        "Release 94c582420789 stays up.",
        "What to do: Read the reason. What can pass by itself was tried again already. Run "
        "`outcomes doctor`, and look into docs/operators/faults.md for this fault; then run "
        "`outcomes refresh`, or wait for the next night.",
    ]
    refused = failed_night("refused", ["audit: 3 of 46"], None)
    assert "The gate refused" in refused.text
    assert "No release is up yet." in refused.text


def test_messages_are_added_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "messages" / "nights.txt"
    given = operation({"OUTCOMES_MESSAGE_FILE": str(path)})
    send(NIGHT, given, pytest.fail)
    send(NIGHT, given, pytest.fail)
    assert path.read_text(encoding="utf-8") == f"{NIGHT.text}\n" * 2


def test_a_web_address_gets_it_as_json(web: Receiver) -> None:
    address = f"http://127.0.0.1:{web.port}/nights"
    send(NIGHT, operation({"OUTCOMES_MESSAGE_WEBHOOK": address}), pytest.fail)
    (got,) = (json.loads(text) for text in web.got)
    assert got["kind"] == "failed"
    assert got["text"] == NIGHT.text
    assert got["standing"] == "94c582420789"


def test_an_address_gets_it_as_a_mail(mail: Receiver) -> None:
    given = operation(
        {
            "OUTCOMES_MESSAGE_ADDRESS": "operator@example.org",
            "OUTCOMES_MESSAGE_SENDER": "outcomes@example.org",
            "OUTCOMES_MAIL_SERVER": f"127.0.0.1:{mail.port}",
        }
    )
    send(NIGHT, given, pytest.fail)
    assert mail.done.wait(20)
    assert "Subject: Inclusion Outcomes: A refresh failed" in mail.got
    assert "To: operator@example.org" in mail.got
    assert any("No space left on device" in line for line in mail.got)


def test_a_message_that_cannot_be_sent_is_told_and_the_others_go_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    said: list[str] = []
    given = operation(
        {
            "OUTCOMES_MESSAGE_FILE": str(tmp_path),
            "OUTCOMES_MESSAGE_WEBHOOK": f"http://127.0.0.1:{port}/",
            "OUTCOMES_MESSAGE_ADDRESS": "a@example.org",
            "OUTCOMES_MAIL_SERVER": f"127.0.0.1:{port}",
        }
    )
    send(NIGHT, given, said.append)
    assert [line.split(" could")[0] for line in said] == ["the message about this"] * 3
    assert "IsADirectoryError" in said[0]
    file = tmp_path / "nights.txt"
    both = {"OUTCOMES_MESSAGE_FILE": str(file), "OUTCOMES_MESSAGE_WEBHOOK": "ftp://example.org"}
    send(NIGHT, operation(both), said.append)
    assert file.is_file()
    assert said[-1].endswith("OUTCOMES_MESSAGE_WEBHOOK: ValueError")


def test_a_receiver_that_talks_no_http_is_told_without_its_address() -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"none of that\r\n\r\n")

        answering = threading.Thread(target=answer, daemon=True)
        answering.start()
        address = f"http://127.0.0.1:{port}/a-key-that-is-secret"
        send(NIGHT, operation({"OUTCOMES_MESSAGE_WEBHOOK": address}), said.append)
        answering.join(20)
    assert said == [
        "the message about this could not be sent by OUTCOMES_MESSAGE_WEBHOOK: BadStatusLine"
    ]
