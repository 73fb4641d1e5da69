"""What `deploy/` holds: an nginx site, tried in a real nginx by raw requests, and units, checked by
systemd's own `systemd-analyze`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from orchestration.operation import operation, operation_settings
from orchestration.provider_access import grant
from orchestration.reference import settings_example
from orchestration.registry import load_registry
from orchestration.settings import PROJECT, Settings
from tests.web_server import NO_STATUS, Answer, WebServer, policy_of_the_docs, web_server

DEPLOY = PROJECT / "deploy"
UNITS = ("outcomes.service", "outcomes-refresh.service", "outcomes-refresh.timer")
REPORTS = ("AB01", "BR02", "CA03")
# Stands in every file that must never come out, and in no other.
SECRET = b"not for you"
# The loopback addresses from which requests come: each has its own limit.
_callers = (f"127.1.{number // 250}.{number % 250 + 1}" for number in count())


@dataclass(frozen=True)
class Installation:
    """A running nginx over a build folder, and the accounts' passwords."""

    server: WebServer
    build: Path
    passwords: dict[str, str]

    def ask(
        self,
        path: str,
        account: str | None = None,
        *,
        password: str | None = None,
        method: str = "GET",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Asks from an address that has not asked before."""
        given = None
        if account is not None:
            given = (account, self.passwords.get(account, "") if password is None else password)
        return self.server.get(path, given, method=method, headers=headers, caller=next(_callers))


def write(path: Path, content: bytes | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def write_release(build: Path, name: str) -> None:
    """A release as docs/reference/build-folder.md lays it out."""
    release = build / "releases" / name
    write(release / "public" / "index.html", f"<p>Release {name}</p>" + "<p>figures</p>" * 100)
    write(release / "public" / "404.html", "<p>There is no such page</p>")
    write(release / "public" / "site.css", "p { margin: 0 }\n" * 100)
    write(release / "public" / "site.js", "let a = 1;\n" * 100)
    write(release / "public" / "icon.svg", "<svg>" + " " * 600 + "</svg>")
    write(release / "public" / "feed.xml", "<feed/>" + " " * 600)
    write(release / "public" / "sitemap.xml", "<urlset/>" + " " * 600)
    write(release / "public" / "method" / "index.html", "<p>Method</p>")
    write(release / "public" / "data" / "indicators.csv", "a,b\n" * 300)
    write(release / "public" / "data" / "indicators.parquet", b"PAR1" * 300)
    write(release / "public" / "data" / "datapackage.json", '{"a": "' + "b" * 600 + '"}')
    write(release / "public" / ".hidden", SECRET)
    for private in ("told_counts.parquet", "release.json"):
        write(release / private, SECRET)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    build = tmp_path_factory.mktemp("build")
    write_release(build, "aaaa")
    write_release(build, "bbbb")
    # Releases are made on different days.
    os.utime(build / "releases" / "aaaa" / "public" / "index.html", (1_775_000_000, 1_775_000_000))
    (build / "public").symlink_to("releases/aaaa/public")
    for private in (
        "warehouse.duckdb",
        "refresh.lock",
        "received/AB01/1/return.json",
        "ledger/receipts/1.json",
        "lake/contacts/provider_code=AB01/rows.parquet",
        "gate/index.html",
        "dbt/manifest.json",
        "dagster/dagster.yaml",
    ):
        write(build / private, SECRET)
    public = build / "releases" / "aaaa" / "public"
    (public / "out.json").symlink_to("../release.json")
    (public / "out").symlink_to("../../../gate")
    for code in REPORTS:
        report = build / "providers" / code
        write(report / "index.html", f"<p>The report of {code}</p>")
        write(report / "report.css", "p { margin: 0 }")
        write(report / "failures.csv", f"{code} rows")
        write(report / ".digest", SECRET)
        write(report / "submissions" / "index.html", f"<p>Submissions of {code}</p>")
        write(report / "submissions" / "2025-09-1-19e3" / "index.html", f"<p>One of {code}</p>")
        write(report / "submissions" / "2025-09-1-19e3" / "2025-09.zip", f"PK {code}")
    (build / "providers" / "AB01" / "other").symlink_to("../BR02")
    (build / "providers" / "AB01" / "lake").symlink_to("../../lake")
    seeds = PROJECT / "seeds" / "registry"
    settings = Settings(build / "returns", seeds, build, date(2026, 4, 15))
    registry = load_registry(seeds)
    # CA03 has a report and no account; DE04 has an account and no report.
    passwords = dict(grant(settings, registry, code, None) for code in ("AB01", "BR02", "DE04"))
    with web_server(build, tmp_path_factory.mktemp("nginx") / "own") as server:
        yield Installation(server, build, passwords)


# What everybody may see


def test_the_site_is_served_to_everybody(site: Installation) -> None:
    assert site.ask("/").body.startswith(b"<p>Release aaaa</p>")
    assert site.ask("/method/").body == b"<p>Method</p>"
    assert site.ask("/method").headers["location"] == "/method/"


def test_a_new_release_is_seen_at_once(site: Installation) -> None:
    before = site.ask("/")
    link = site.build / "public.next"
    link.symlink_to("releases/bbbb/public")
    link.replace(site.build / "public")
    try:
        told = site.ask("/", headers={"If-None-Match": before.headers["etag"]})
        assert told.body.startswith(b"<p>Release bbbb</p>")
    finally:
        link.symlink_to("releases/aaaa/public")
        link.replace(site.build / "public")


def test_a_page_that_has_not_changed_is_not_sent_again(site: Installation) -> None:
    first = site.ask("/")
    assert first.headers["cache-control"] == "no-cache"
    again = site.ask("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert site.ask("/", headers=since).status == 304


@pytest.mark.parametrize(
    ("path", "kind", "is_compressed"),
    [
        ("/", "text/html; charset=utf-8", True),
        ("/site.css", "text/css; charset=utf-8", True),
        ("/site.js", "application/javascript; charset=utf-8", True),
        ("/icon.svg", "image/svg+xml", True),
        ("/feed.xml", "application/atom+xml; charset=utf-8", True),
        ("/sitemap.xml", "text/xml; charset=utf-8", True),
        ("/data/indicators.csv", "text/csv; charset=utf-8", True),
        ("/data/datapackage.json", "application/json; charset=utf-8", True),
        ("/data/indicators.parquet", "application/vnd.apache.parquet", False),
    ],
)
def test_each_kind_of_file_is_told_and_compressed_where_it_helps(
    site: Installation, path: str, kind: str, is_compressed: bool
) -> None:
    told = site.ask(path, headers={"Accept-Encoding": "gzip"})
    assert told.status == 200
    assert told.headers["content-type"] == kind
    assert (told.headers.get("content-encoding") == "gzip") is is_compressed
    file = "index.html" if path == "/" else path.lstrip("/")
    assert told.body == (site.build / "public" / file).read_bytes()


def test_a_page_that_there_is_not_has_the_sites_own_answer(site: Installation) -> None:
    told = site.ask("/nowhere/")
    assert (told.status, told.body) == (404, b"<p>There is no such page</p>")


def test_a_site_without_a_page_for_it_answers_404_all_the_same(site: Installation) -> None:
    page = site.build / "public" / "404.html"
    page.rename(page.with_name("away.html"))
    try:
        told = site.ask("/nowhere/")
    finally:
        page.with_name("away.html").rename(page)
    assert told.status == 404
    assert told.headers["content-security-policy"] == policy_of_the_docs()


def test_a_folder_is_never_listed(site: Installation) -> None:
    told = site.ask("/data/")
    assert told.status == 404
    assert b"indicators" not in told.body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/providers/AB01/"])
def test_only_reading_is_allowed(site: Installation, method: str, path: str) -> None:
    told = site.ask(path, "AB01", method=method)
    assert told.status == 405
    assert told.headers["allow"] == "GET, HEAD"


def test_the_head_of_a_page_can_be_asked_for(site: Installation) -> None:
    told = site.ask("/", method="HEAD")
    assert (told.status, told.body) == (200, b"")
    assert "allow" not in told.headers


@pytest.mark.parametrize(
    ("path", "account", "method", "status"),
    [
        ("/", None, "GET", 200),
        ("/method", None, "GET", 301),
        ("/nowhere", None, "GET", 404),
        ("/data/", None, "GET", 404),
        ("/", None, "POST", 405),
        ("/" + "a" * 9000, None, "GET", 414),
        ("/%00", None, "GET", 400),
        ("/providers/AB01/", "AB01", "GET", 200),
        ("/providers/AB01/", None, "GET", 401),
        ("/providers/BR02/", "AB01", "GET", 404),
    ],
)
def test_every_answer_has_the_headers_that_protect_the_reader(
    site: Installation, path: str, account: str | None, method: str, status: int
) -> None:
    told = site.ask(path, account, method=method)
    assert told.status == status
    assert told.headers["content-security-policy"] == policy_of_the_docs()
    assert told.headers["strict-transport-security"] == "max-age=31536000"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["x-frame-options"] == "DENY"
    assert told.headers["referrer-policy"] == "no-referrer"
    assert "geolocation=()" in told.headers["permissions-policy"]
    # Neither the version in the header nor in the page of an error.
    assert told.headers["server"] == "nginx"
    assert not re.search(rb"nginx/\d", told.body)


def test_without_tls_there_is_nothing_but_the_way_to_it(site: Installation) -> None:
    told = site.server.get("/providers/AB01/?a=b", plain=True)
    assert told.status == 301
    assert told.headers["location"] == "https://outcomes.example.org/providers/AB01/?a=b"


def test_a_proof_for_the_certificate_is_served_without_tls_and_nothing_beside_it(
    site: Installation,
) -> None:
    proof = site.server.error_log.parent / "letsencrypt/.well-known/acme-challenge/token"
    write(proof, "proof")
    write(proof.parents[2] / "beside", SECRET)
    assert site.server.get("/.well-known/acme-challenge/token", plain=True).body == b"proof"
    for up in ("..", "%2e%2e", "%252e%252e"):
        path = f"/.well-known/acme-challenge/{up}/{up}/beside"
        assert_nothing_came_out(site.server.get(path, plain=True), path)


# Each provider's report


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("", "<p>The report of AB01</p>"),
        ("index.html", "<p>The report of AB01</p>"),
        ("report.css", "p { margin: 0 }"),
        ("failures.csv", "AB01 rows"),
        ("submissions/", "<p>Submissions of AB01</p>"),
        ("submissions/2025-09-1-19e3/", "<p>One of AB01</p>"),
        ("submissions/2025-09-1-19e3/2025-09.zip", "PK AB01"),
    ],
)
def test_a_provider_reads_the_whole_of_its_report(
    site: Installation, path: str, content: str
) -> None:
    told = site.ask(f"/providers/AB01/{path}", "AB01")
    assert (told.status, told.body.decode()) == (200, content)
    assert told.headers["cache-control"] == "private, no-store"
    assert told.headers["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("path", ["AB01/", "BR02/", "CA03/", "ZZ99/", "", "AB01/failures.csv"])
@pytest.mark.parametrize(
    ("account", "password"),
    [(None, None), ("AB01", "wrong"), ("AB01", ""), ("CA03", "wrong"), ("", ""), ("ab01", None)],
)
def test_without_the_right_password_every_address_has_the_same_answer(
    site: Installation, path: str, account: str | None, password: str | None
) -> None:
    if account == "ab01":
        password = site.passwords["AB01"]
    told = site.ask(f"/providers/{path}", account, password=password)
    assert told.status == 401
    assert told.headers["www-authenticate"].startswith("Basic ")
    assert told.headers["cache-control"] == "private, no-store"
    assert told.body == site.ask("/providers/").body


@pytest.mark.parametrize("code", ["AB01", "BR02", "ZZ99"])
@pytest.mark.parametrize("account", ["AB01", None])
def test_the_last_slash_may_be_left_out_whoever_asks_for_whatever(
    site: Installation, code: str, account: str | None
) -> None:
    told = site.ask(f"/providers/{code}", account)
    assert (told.status, told.headers["location"]) == (301, f"/providers/{code}/")
    assert told.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("more", ["%0a", "%0d%0aSet-Cookie:%20a=b", "%0aSet-Cookie:%20a=b"])
def test_no_address_writes_a_header_of_its_own(site: Installation, more: str) -> None:
    for path in (f"/providers/AB01{more}", f"/method{more}", f"/{more}/"):
        told = site.ask(path, "AB01")
        assert told.status in (301, 404)
        assert "set-cookie" not in told.headers
        assert "\n" not in told.headers.get("location", "")


def test_anothers_report_and_one_that_there_is_not_have_the_same_answer(
    site: Installation,
) -> None:
    def told(path: str) -> tuple[int, bytes, dict[str, str]]:
        answer = site.ask(path, "AB01")
        known = {name: text for name, text in answer.headers.items() if name != "date"}
        return answer.status, answer.body, known

    nobody = told("/providers/ZZ99/")
    assert nobody[0] == 404
    assert nobody[2]["cache-control"] == "private, no-store"
    for path in ("BR02/", "BR02/failures.csv", "CA03/", "DE04/", "BR02/submissions/", ""):
        assert told(f"/providers/{path}") == nobody


def test_an_account_without_a_report_yet_is_told_that_there_is_none(site: Installation) -> None:
    assert site.ask("/providers/DE04/", "DE04").status == 404


def test_an_account_that_is_removed_or_renewed_holds_at_once(site: Installation) -> None:
    file = site.build / "provider-access"
    kept = file.read_bytes()
    try:
        file.write_bytes(b"".join(line for line in kept.splitlines(True) if b"BR02" not in line))
        assert site.ask("/providers/BR02/", "BR02").status == 401
    finally:
        file.write_bytes(kept)
    assert site.ask("/providers/BR02/", "BR02").status == 200


def test_guessing_is_slowed(site: Installation) -> None:
    caller = "127.2.0.1"
    told = [
        site.server.get("/providers/AB01/", ("AB01", f"guess-{number}"), caller=caller)
        for number in range(60)
    ]
    assert [answer.status for answer in told[:30]] == [401] * 30
    slowed = [answer for answer in told if answer.status == 429]
    assert len(slowed) >= 20
    assert slowed[0].headers["content-security-policy"] == policy_of_the_docs()
    # Nobody else is slowed, nor the public pages.
    assert site.ask("/providers/AB01/", "AB01").status == 200
    assert site.server.get("/", caller=caller).status == 200


# Tricks with paths

UP = ("..", "%2e%2e", ".%2e", "%2E.", "%252e%252e", "..%2f", "%2e%2e%2f", "..%5c", "..\\", "..;")
PRIVATE = (
    "warehouse.duckdb",
    "provider-access",
    "received/AB01/1/return.json",
    "ledger/receipts/1.json",
    "lake/contacts/provider_code=AB01/rows.parquet",
    "gate/index.html",
    "dbt/manifest.json",
    "dagster/dagster.yaml",
    "refresh.lock",
    "release.json",
    "told_counts.parquet",
    "releases/aaaa/release.json",
    "releases/bbbb/told_counts.parquet",
    "releases/bbbb/public/index.html",
)


def assert_nothing_came_out(answer: Answer, path: str) -> None:
    assert answer.status in (NO_STATUS, 301, 400, 401, 404), path
    assert SECRET not in answer.body, path
    assert b"$6$" not in answer.body, path
    assert b"Release bbbb" not in answer.body, path
    assert b"BR02" not in answer.body, path
    assert b"CA03" not in answer.body, path


@pytest.mark.parametrize("up", ["", *UP])
def test_nothing_private_can_be_named(site: Installation, up: str) -> None:
    for private in PRIVATE:
        for start in ("", "method/", "providers/", "providers/AB01/"):
            for depth in (1, 3) if up else (1,):
                path = f"/{start}" + f"{up}/" * depth * bool(up) + private
                assert_nothing_came_out(site.ask(path, "AB01"), path)


@pytest.mark.parametrize(
    "path",
    [
        "/providers/AB01/../BR02/",
        "/providers/AB01/../BR02/failures.csv",
        "/providers/AB01/%2e%2e/BR02/",
        "/providers/AB01/%252e%252e/BR02/failures.csv",
        "/providers/AB01%2f..%2fBR02/failures.csv",
        "/providers/AB01/..%2fBR02%2ffailures.csv",
        "/providers/AB01/..%5cBR02%5cfailures.csv",
        "/providers/AB01/..\\BR02\\failures.csv",
        "/providers/AB01//../BR02/failures.csv",
        "//providers//BR02//failures.csv",
        "/providers/./BR02/failures.csv",
        "/providers/BR02/failures.csv%00",
        "/providers/BR02/failures.csv%00AB01",
        "/providers/AB01%00/../BR02/failures.csv",
        "/providers/AB01/other/failures.csv",
        "/providers/AB01/other/",
        "/providers/AB01/lake/contacts/provider_code=AB01/rows.parquet",
        "/providers/AB01/.digest",
        "/providers/AB01/%2edigest",
        "/providers/BR02%0a/failures.csv",
        "/providers/AB01%0a/failures.csv",
        "/providers/ab01/failures.csv",
        "/providers/br02/failures.csv",
        "/PROVIDERS/BR02/failures.csv",
        "/%70roviders/BR02/failures.csv",
        "/providers%2fBR02%2ffailures.csv",
        "/providers/BR02/failures.csv?/providers/AB01/",
        "/providers/BR02/failures.csv#/providers/AB01/",
        "/providers/BR02/failures.csv;/providers/AB01/",
        "/method/../providers/BR02/failures.csv",
        "/method/..;/providers/BR02/failures.csv",
        "https://outcomes.example.org/providers/BR02/failures.csv",
        "/providers../release.json",
        "/providers../BR02/failures.csv",
        "/providersBR02/failures.csv",
        "/providers/../provider-access",
        "/data/..%2f..%2frelease.json",
        "/out.json",
        "/out/index.html",
        "/out/",
        "/.hidden",
        "/%2ehidden",
        "/releases/aaaa/release.json",
        "/public/index.html",
        "/../release.json",
        "/..",
    ],
)
def test_no_trick_with_a_path_brings_out_anothers_report(site: Installation, path: str) -> None:
    for account in ("AB01", None):
        assert_nothing_came_out(site.ask(path, account), path)


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /providers/BR02/failures.csv\x00 HTTP/1.1",
        b"GET /providers/AB01/\x00/../../BR02/failures.csv HTTP/1.1",
        b"GET ../release.json HTTP/1.1",
        b"GET providers/BR02/failures.csv HTTP/1.1",
        b"GET /../../release.json HTTP/1.0",
        b"GET /providers/BR02/failures.csv",
        b"get /providers/BR02/failures.csv HTTP/1.1",
    ],
)
def test_a_request_that_is_none_brings_out_nothing(site: Installation, request_line: bytes) -> None:
    raw = request_line + b"\r\nHost: outcomes.example.org\r\nConnection: close\r\n\r\n"
    assert_nothing_came_out(site.server.send(raw, next(_callers)), repr(request_line))


def test_no_name_of_an_account_leads_to_another_folder(site: Installation) -> None:
    right = site.passwords["AB01"]
    for name in (
        "AB01/../BR02",
        "../providers/BR02",
        "AB01\0",
        "BR02\nAB01",
        "AB01 ",
        ".*",
        "A.01",
    ):
        for path in ("/providers/BR02/", "/providers/AB01/", "/providers/A.01/"):
            assert site.ask(path, name, password=right).status in (400, 401)


# The units


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with systemd's own units, ours as they stand in `deploy/`, and the programs
    that they start."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree("/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    for unit in UNITS:
        write(root / "etc/systemd/system" / unit, (DEPLOY / unit).read_bytes())
    hidden = (DEPLOY / "nginx-hidden.conf").read_bytes()
    write(root / "etc/systemd/system/nginx.service.d/hidden.conf", hidden)
    for program in ("opt/inclusion-outcomes/.venv/bin/outcomes", "usr/sbin/nginx"):
        write(root / program, "#!/bin/sh\n")
        (root / program).chmod(0o755)
    return root


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


def verify(root: Path, unit: str) -> subprocess.CompletedProcess[str]:
    return analyze("verify", "--man=no", "--recursive-errors=no", f"--root={root}", unit)


@pytest.mark.parametrize(
    "unit",
    [*UNITS, "nginx.service"],
)
def test_systemd_finds_no_fault_in_a_unit(staged: Path, unit: str) -> None:
    told = verify(staged, unit)
    assert (told.returncode, told.stderr) == (0, "")


def test_systemd_would_find_a_fault(staged: Path) -> None:
    units = staged / "etc/systemd/system"
    text = (units / "outcomes.service").read_text(encoding="utf-8")
    write(units / "faulty.service", text.replace("NoNewPrivileges=", "NoPrivileges="))
    assert "Unknown key 'NoPrivileges'" in verify(staged, "faulty.service").stderr


@pytest.mark.parametrize("unit", ["outcomes.service", "outcomes-refresh.service"])
def test_a_service_is_hardened(unit: str) -> None:
    # systemd's own measure, from 0 to 100 (here ten times what it shows): 20 is well hardened.
    told = analyze("security", "--no-pager", "--offline=true", "--threshold=20", str(DEPLOY / unit))
    assert told.returncode == 0, told.stdout[-300:]


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        ("2026-01-10 12:00:00 UTC", "2026-01-11 02:00:00 UTC"),
        ("2026-07-10 12:00:00 UTC", "2026-07-11 01:00:00 UTC"),
    ],
)
def test_the_timer_is_at_two_in_london_in_winter_and_summer(day: str, moment: str) -> None:
    text = (DEPLOY / "outcomes-refresh.timer").read_text(encoding="utf-8")
    when = re.search(r"^OnCalendar=(.+)$", text, re.MULTILINE)
    assert when
    told = analyze("calendar", f"--base-time={day}", when[1])
    assert told.returncode == 0
    assert moment in told.stdout


def test_the_two_ways_of_running_are_never_on_together() -> None:
    serve = (DEPLOY / "outcomes.service").read_text(encoding="utf-8")
    timer = (DEPLOY / "outcomes-refresh.timer").read_text(encoding="utf-8")
    assert "Conflicts=outcomes-refresh.timer\n" in serve
    assert "Conflicts=outcomes.service\n" in timer


def test_the_example_of_settings_is_what_the_facts_make() -> None:
    written = (DEPLOY / "settings.env.example").read_text(encoding="utf-8")
    assert written == settings_example(), "stale: run `make docs`"


def test_the_example_of_settings_has_every_setting_and_changes_no_default() -> None:
    text = (DEPLOY / "settings.env.example").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r"#?OUTCOMES_", line)]
    places = ["OUTCOMES_RETURNS", "OUTCOMES_REGISTRY", "OUTCOMES_BUILD"]
    known = [*places, "OUTCOMES_AS_AT", *(one.variable for one in operation_settings())]
    assert [line.lstrip("#").partition("=")[0] for line in lines] == known
    assert [line.partition("=")[0] for line in lines if not line.startswith("#")] == places
    given = dict(line.lstrip("#").split("=", 1) for line in lines)
    assert operation(given) == operation({})
