"""What is in deploy/: nginx's site, asked raw over TLS; systemd's units, verified as they are."""

from __future__ import annotations

import base64
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from orchestration.provider_access import renew
from orchestration.reference import settings_example
from orchestration.settings import PROJECT

DEPLOY = PROJECT / "deploy"
SECRET = b"not for you"
SOURCES = count(2)


@dataclass(frozen=True)
class Site:
    """A running nginx: its port, the build folder, and each account's password."""

    port: int
    build: Path
    passwords: dict[str, str]

    def ask(
        self, path: str, account: str = "", password: str | None = None, method: str = "GET",
        source: str = "", more: str = "",
    ) -> tuple[int, str, bytes]:  # fmt: skip
        """The status, head and body of one raw request, from a loopback address of its own."""
        head = f"{method} {path} HTTP/1.1\r\nHost: outcomes.example.org\r\nConnection: close\r\n"
        if account:
            told = self.passwords[account] if password is None else password
            token = base64.b64encode(f"{account}:{told}".encode()).decode()
            head += f"Authorization: Basic {token}\r\n"
        context = ssl.create_default_context(cafile=self.build.parent / "cert.pem")
        address = (source or f"127.0.1.{next(SOURCES)}", 0)
        plain = socket.create_connection(("127.0.0.1", self.port), 5, source_address=address)
        with context.wrap_socket(plain, server_hostname="outcomes.example.org") as connection:
            connection.sendall((head + more + "\r\n").encode("latin-1"))
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        top, _, body = answer.partition(b"\r\n\r\n")
        return int(top.split()[1]), top.decode("latin-1"), body


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    top = tmp_path_factory.mktemp("nginx")
    for folder in (top, *top.parents):  # nginx's workers are not root
        if folder.stat().st_mode & 0o005 != 0o005 and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    build = top / "build"
    release = build / "releases" / "one"
    (release / "public" / "data").mkdir(parents=True)
    (release / "public" / "index.html").write_text("<p>home</p>" * 200)
    (release / "public" / "404.html").write_text("our own 404")
    (release / "public" / "data" / "a.csv").write_text("a,b\n1,2\n" * 500)
    (release / "told_counts.parquet").write_bytes(SECRET)
    (release / "release.json").write_bytes(SECRET)
    (release / "public" / "leak").symlink_to(release / "release.json")
    for private in ("lake", "ledger", "received", "gate", "dbt", "dagster"):
        (build / private).mkdir()
        (build / private / "index.html").write_bytes(SECRET)
    (build / "warehouse.duckdb").write_bytes(SECRET)
    (build / "public").symlink_to("releases/one/public")
    passwords = {}
    for code in ("AB01", "BR02"):
        sent = build / "providers" / code / "submissions" / "first"
        sent.mkdir(parents=True)
        for folder in (sent, build / "providers" / code):
            (folder / "index.html").write_text(f"report of {code}")
        (build / "providers" / code / "report.css").write_text("p {}")
        passwords[code] = renew(build / "provider-access", code)
    # On a server the web server's user is in the file's group.
    (build / "provider-access").chmod(0o644)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", top / "key.pem", "-out", top / "cert.pem",
         "-subj", "/CN=outcomes.example.org", "-addext",
         "subjectAltName=DNS:outcomes.example.org"],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    text = (DEPLOY / "nginx-site.conf").read_text()
    live = "/etc/letsencrypt/live/outcomes.example.org"
    for placeholder, value in (
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (f"{live}/fullchain.pem", str(top / "cert.pem")),
        (f"{live}/privkey.pem", str(top / "key.pem")),
        ("/var/lib/inclusion-outcomes/build", str(build)),
    ):
        assert placeholder in text
        text = text.replace(placeholder, value)
    (top / "site.conf").write_text(text)
    (top / "nginx.conf").write_text(
        f"daemon off; pid {top}/pid; error_log {top}/error.log; events {{}}\n"
        f"http {{ access_log off; include {top}/site.conf; }}\n"
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    running = subprocess.Popen([nginx, "-p", str(top), "-c", str(top / "nginx.conf")])
    try:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert running.poll() is None, (top / "error.log").read_text()
                assert time.monotonic() < until
        yield Site(port, build, passwords)
    finally:
        running.terminate()
        running.wait(10)


def test_the_site_is_served_to_all_compressed_and_asked_for_anew(site: Site) -> None:
    status, head, _ = site.ask("/data/a.csv", more="Accept-Encoding: gzip\r\n")
    assert status == 200
    assert "Content-Encoding: gzip" in head
    assert "Content-Type: text/csv" in head
    assert "Cache-Control: no-cache" in head
    assert "ETag" in head


@pytest.mark.parametrize("path", ["/", "/none", "/data/", "/providers/AB01/", "/%00", "/leak"])
def test_every_answer_has_the_security_headers_and_no_version(site: Site, path: str) -> None:
    status, head, _ = site.ask(path)
    policy = re.search(
        r"^Content-Security-Policy: .*$",
        (PROJECT / "docs" / "for-operators.md").read_text(), re.M,
    )  # fmt: skip
    assert policy
    assert re.search(r"^Server: nginx\r$", head, re.M)
    assert policy[0] in head
    for name in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
                 "Permissions-Policy", "Strict-Transport-Security"):  # fmt: skip
        assert head.count(f"{name}:") == 1, (status, name)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])
def test_only_get_and_head_are_answered(site: Site, method: str) -> None:
    assert site.ask("/", method=method)[0] == 405


def test_a_page_that_is_not_there_gets_the_sites_own_page(site: Site) -> None:
    status, _, body = site.ask("/none")
    assert (status, body) == (404, b"our own 404")


def test_a_new_release_is_seen_at_the_next_request(site: Site) -> None:
    other = site.build / "releases" / "two" / "public"
    other.mkdir(parents=True)
    (other / "index.html").write_text("second")
    aside = site.build / "aside-link"
    try:
        aside.symlink_to("releases/two/public")
        aside.replace(site.build / "public")
        assert site.ask("/")[2] == b"second"
    finally:
        aside.symlink_to("releases/one/public")
        aside.replace(site.build / "public")


@pytest.mark.parametrize("path", ["", "report.css", "submissions/first/"])
def test_a_provider_reads_its_own_report(site: Site, path: str) -> None:
    status, head, body = site.ask(f"/providers/AB01/{path}", "AB01")
    assert status == 200
    assert body in (b"report of AB01", b"p {}")
    assert "Cache-Control: private, no-store" in head


@pytest.mark.parametrize(("account", "password"), [("", None), ("AB01", "wrong"), ("AB01", "")])
def test_no_or_a_wrong_password_is_asked_for_again(
    site: Site, account: str, password: str | None
) -> None:
    for path in ("/providers/AB01/", "/providers/NONE/", "/providers/"):
        assert site.ask(path, account, password)[0] == 401


def test_anothers_folder_and_none_get_the_same_answer(site: Site) -> None:
    (one, _, first), (two, _, second) = (
        site.ask(f"/providers/{code}/", "AB01") for code in ("BR02", "NONE")
    )
    assert (one, first) == (two, second)
    assert one == 404


ATTACKS = [
    "/providers/BR02", "/providers/BR02/index.html", "/providers/AB01/../BR02/",
    "/providers/AB01/%2e%2e/BR02/", "/providers/AB01/%252e%252e/BR02/",
    "/providers/AB01/..%2fBR02/", "/providers//BR02/", "//providers/BR02/",
    "/providers/AB01%2f..%2fBR02/", "/providers/AB01\\..\\BR02/", "/providers/AB01/..%5cBR02/",
    "/providers/BR02/%00", "/providers/BR02%00/", "/providers/br02/", "/providers%2fBR02%2f",
    "/%70roviders/BR02/", "/providers/AB01/../../warehouse.duckdb", "/warehouse.duckdb",
    "/providers/../lake/", "/providers/../../lake/", "/lake/", "/ledger/", "/received/", "/gate/",
    "/dbt/", "/dagster/", "/releases/one/release.json", "/../release.json",
    "/../told_counts.parquet", "/%2e%2e/release.json", "/data/..%2f..%2frelease.json",
    "/..;/release.json", "/leak", "/provider-access", "/providers/../provider-access",
    "/providers../release.json", "/providers../lake/", "/providersBR02/",
    "http://outcomes.example.org/providers/BR02/", "/providers/BR02/?/providers/AB01/",
]  # fmt: skip


@pytest.mark.parametrize("path", ATTACKS)
def test_no_trick_of_a_path_brings_out_what_is_anothers(site: Site, path: str) -> None:
    for account in ("", "AB01"):
        status, _, body = site.ask(path, account)
        assert status in (400, 401, 403, 404), (account, status)
        assert b"report of" not in body
        assert SECRET not in body
        assert b"$6$" not in body


def test_guessing_is_slowed(site: Site) -> None:
    told = [site.ask("/providers/AB01/", "AB01", "no", source="127.0.2.1")[0] for _ in range(30)]
    assert told[0] == 401
    assert told[-1] == 429


def test_the_units_verify_as_they_are(tmp_path: Path) -> None:
    units = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    units.mkdir(parents=True)
    program = tmp_path / "opt/inclusion-outcomes/.venv/bin/outcomes"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    names = ["outcomes.service", "outcomes-refresh.service", "outcomes-refresh.timer"]
    for name in names:
        shutil.copy(DEPLOY / name, units)
    verify = ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}"]

    def complaints() -> list[str]:
        done = subprocess.run(
            [*verify, *names], check=False, capture_output=True, text=True, timeout=30
        )
        return [line for line in done.stderr.splitlines() if "outcomes" in line]

    assert complaints() == []
    broken = units / "outcomes.service"
    broken.write_text(broken.read_text().replace("Restart=always", "Restart=perhaps"))
    assert complaints() != []


def test_the_example_of_settings_is_what_the_facts_make() -> None:
    written = (DEPLOY / "settings.env.example").read_text(encoding="utf-8")
    assert written == settings_example(), "stale: run `make docs`"
