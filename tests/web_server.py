"""A real nginx, run from the site file of `deploy/` with its ports, paths and certificate replaced,
and raw requests to it: a client of a library would tidy the paths that are tried."""

from __future__ import annotations

import base64
import gzip
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orchestration.settings import PROJECT

SITE = PROJECT / "deploy" / "nginx-site.conf"
BUILD = "/var/lib/inclusion-outcomes/build"
CERTIFICATE = "/etc/letsencrypt/live/outcomes.example.org"
# Debian keeps it where only root's path leads.
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
# So long the server may take to listen, or to answer, in seconds.
PATIENCE = 10.0
# The answer to a request without a version (HTTP/0.9) has neither a status nor headers.
NO_STATUS = 0


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its headers by lower-case name, its body without compression."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class WebServer:
    """The ports of a running nginx, and its errors."""

    tls_port: int
    plain_port: int
    error_log: Path

    def send(self, raw: bytes, caller: str = "127.0.0.1", plain: bool = False) -> Answer:
        """Sends the bytes as they are from the loopback address `caller`, and reads the answer."""
        port = self.plain_port if plain else self.tls_port
        with socket.create_connection(
            ("127.0.0.1", port), timeout=PATIENCE, source_address=(caller, 0)
        ) as connection:
            if plain:
                return _answer(connection, raw)
            with _any_certificate().wrap_socket(connection) as secure:
                return _answer(secure, raw)

    def get(
        self,
        path: str,
        account: tuple[str, str] | None = None,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        caller: str = "127.0.0.1",
        plain: bool = False,
    ) -> Answer:
        """Asks for the path, letter for letter, as the account and its password."""
        told = {"Host": "outcomes.example.org", "Connection": "close", **(headers or {})}
        if account:
            token = base64.b64encode(":".join(account).encode()).decode()
            told["Authorization"] = f"Basic {token}"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in told.items())]
        return self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), caller, plain)


@cache
def _any_certificate() -> ssl.SSLContext:
    """Takes the certificate that a test made for itself. Made once: it takes a while."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _answer(connection: socket.socket, raw: bytes) -> Answer:
    connection.sendall(raw)
    received = b""
    while part := connection.recv(65536):
        received += part
    if not received.startswith(b"HTTP/1."):
        return Answer(NO_STATUS, {}, received)
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, _, text = line.partition(": ")
        assert name.lower() not in headers, f"{name} is told twice"
        headers[name.lower()] = text
    if headers.get("transfer-encoding") == "chunked":
        body = _whole(body)
    if headers.get("content-encoding") == "gzip" and body:
        body = gzip.decompress(body)
    return Answer(int(status.split()[1]), headers, body)


def _whole(chunks: bytes) -> bytes:
    body = b""
    while chunks:
        size, _, rest = chunks.partition(b"\r\n")
        body += rest[: int(size, 16)]
        chunks = rest[int(size, 16) + 2 :]
    return body


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def site_text(build: Path, folder: Path, tls_port: int, plain_port: int) -> str:
    """The site file with its places replaced; each must be there."""
    text = SITE.read_text(encoding="utf-8")
    for place, ours in (
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls_port} ssl http2;"),
        # The machine of a test may have no IPv6.
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        (f"{CERTIFICATE}/fullchain.pem", str(folder / "certificate.pem")),
        (f"{CERTIFICATE}/privkey.pem", str(folder / "key.pem")),
        (BUILD, str(build)),
        ("/var/www/letsencrypt", str(folder / "letsencrypt")),
    ):
        assert place in text, f"{SITE.name} has no {place!r}"
        text = text.replace(place, ours)
    return text


@contextmanager
def web_server(build: Path, folder: Path) -> Iterator[WebServer]:
    """nginx over the build folder, its own files in `folder`, until the block ends."""
    folder.mkdir(parents=True)
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=outcomes.example.org"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")),
        ],
        check=True,
        capture_output=True,
    )
    tls_port, plain_port = _free_port(), _free_port()
    (folder / "site.conf").write_text(
        site_text(build, folder, tls_port, plain_port), encoding="utf-8"
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    # A worker of root would be another user, who may not look into the folders of a test.
    (folder / "nginx.conf").write_text(
        "\n".join(
            [
                *(["user root root;"] if os.geteuid() == 0 else []),
                "daemon off;",
                "worker_processes 1;",
                f"pid {folder}/nginx.pid;",
                f"error_log {folder}/error.log info;",
                "events { worker_connections 128; }",
                "http {",
                *(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
                f"access_log {folder}/access.log;",
                f"include {folder}/site.conf;",
                "}",
            ]
        ),
        encoding="utf-8",
    )
    running = subprocess.Popen(
        [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", f"{folder}/error.log"]
    )
    try:
        _wait_until_it_listens(running, tls_port, folder / "error.log")
        yield WebServer(tls_port, plain_port, folder / "error.log")
    finally:
        running.terminate()
        running.wait(PATIENCE)


def _wait_until_it_listens(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if running.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError(f"nginx does not listen: {log.read_text() if log.exists() else ''}")


def policy_of_the_docs() -> str:
    """The content security policy that the operators' page gives."""
    page = (PROJECT / "docs" / "for-operators.md").read_text(encoding="utf-8")
    found = re.search(r"^Content-Security-Policy: (.+)$", page, re.MULTILINE)
    assert found
    return found[1]
