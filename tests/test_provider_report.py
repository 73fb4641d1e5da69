"""A provider's report, from a small warehouse made by hand."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import html5lib
import pytest

from expectations.standard import Provider, Registry, Standard
from orchestration.facts import SEEDS, FactsError, catalogue, load_catalogue, standard
from orchestration.reports import write
from orchestration.reports.failing import DIVIDES, Shifts
from orchestration.reports.marking import FileToMark, Marked
from orchestration.reports.pages import Pages
from orchestration.reports.records import FAILURE_COLUMNS, FailureGroup
from orchestration.rows import insert_rows
from orchestration.settings import PROJECT, Settings

AS_AT = date(2025, 7, 10)


@dataclass
class Sent:
    """A submission of the warehouse in the making; failures: (table, row, field, rule, severity,
    value, message)."""

    provider: str = "AB01"
    period: str | None = "2025-05"
    number: int | None = 1
    name: str = "May.xlsx"
    at: str = "2025-06-03 09:15:00"
    accepted: bool = True
    tables: dict[str, tuple[int, int]] = field(default_factory=lambda: {"contacts": (420, 8)})
    failures: list[tuple[object, ...]] = field(default_factory=list)
    judgement: str = ""
    names_another: bool = False


def failure(
    table: str | None = "contacts",
    row: int | None = 2,
    column: str | None = "contact_date",
    rule: str = "contacts.contact_date.type",
    severity: str = "error",
    value: str | None = "soon",
) -> tuple[object, ...]:
    message = f'{column} holds "{value}", which does not read as a date.'
    return (table, row, column, rule, severity, value, message)


Reports = Callable[..., Path]


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    """Writes the reports of these submissions; gives the folder of all reports."""

    def written(
        *sent: Sent,
        missing: Sequence[tuple[str, str]] = (),
        cells: Sequence[tuple[object, ...]] = (),
        marked: list[str] | None = None,
        marking_fails: bool = False,
        as_at: date = AS_AT,
    ) -> Path:
        settings = Settings(tmp_path / "in", tmp_path / "registry", tmp_path / "build", as_at)
        settings.build.mkdir(exist_ok=True)
        _write_warehouse(settings.warehouse, sent, missing, cells, as_at)
        kept = tmp_path / "kept"
        kept.write_text("a return", encoding="utf-8")

        def mark(files: Sequence[FileToMark], _: Standard) -> dict[str, Marked]:
            if marking_fails:
                return {file.judgement_id: Marked(None, "ValueError") for file in files}
            done = {}
            for file in files:
                assert file.received == kept
                if marked is not None:
                    marked.append(file.judgement_id)
                file.folder.mkdir(parents=True)
                path = file.folder / "marked file.csv"
                path.write_text("\n".join(one.message for one in file.failures), encoding="utf-8")
                done[file.judgement_id] = Marked(path)
            return done

        files = {one.judgement: kept for one in sent}
        write.write_reports(
            settings, standard(), catalogue(), _registry(), files, lambda _: None, mark
        )
        return settings.build / "providers"

    return written


def _registry() -> Registry:
    names = {"AB01": "Abington Street", "CD02": "Castle & Dale"}
    return Registry(
        {
            code: Provider(code, name, "vcse", date(2025, 4, 1), None)
            for code, name in names.items()
        },
        {},
        {},
    )


def _write_warehouse(
    path: Path,
    sent: Sequence[Sent],
    missing: Sequence[tuple[str, str]],
    cells: Sequence[tuple[object, ...]],
    as_at: date,
) -> None:
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for schema in ("intake", "intermediate", "marts", "registry"):
            connection.execute(f"create schema {schema}")
        connection.execute("create table intake.refresh as select ?::date as as_at", [as_at])
        connection.execute(
            "create table intake.submissions (judgement_id varchar, provider_code varchar, "
            "period varchar, submission_no integer, source_name varchar, received_at timestamp, "
            "is_accepted boolean, names_another boolean, rows_received bigint, "
            "rows_excluded bigint, warnings bigint)"
        )
        connection.execute(
            "create table intake.table_rows (judgement_id varchar, table_name varchar, "
            "rows_received bigint, rows_excluded bigint)"
        )
        connection.execute(
            "create table intake.failures (judgement_id varchar, provider_code varchar, "
            "period varchar, submission_no integer, source_name varchar, table_name varchar, "
            "row_number bigint, field varchar, rule varchar, severity varchar, value varchar, "
            "message varchar)"
        )
        connection.execute("create table intermediate.int_returns_in_effect (judgement_id varchar)")
        connection.execute(
            "create table marts.return_status "
            "(provider_code varchar, period varchar, state varchar)"
        )
        connection.execute(
            "create table marts.indicator_values (indicator_id varchar, period_type varchar, "
            "period_start date, area_type varchar, area_code varchar, breakdown_type varchar, "
            "breakdown_value varchar, numerator double, denominator double, value double, "
            "lower_ci double, upper_ci double, is_provisional boolean)"
        )
        connection.execute("create table registry.providers (provider_code varchar)")
        insert_rows(connection, "registry.providers", [("AB01",), ("CD02",)])
        in_effect: dict[tuple[str, str], Sent] = {}
        for number, one in enumerate(sent):
            one.judgement = one.judgement or f"judgement{number:07}"
            counts = [sum(column) for column in zip(*one.tables.values(), strict=True)] or [0, 0]
            who = (one.provider, one.period, one.number, one.name)
            state = (datetime.fromisoformat(one.at), one.accepted, one.names_another)
            row = (one.judgement, *who, *state, *counts, 0)
            insert_rows(connection, "intake.submissions", [row])
            rows = [(one.judgement, table, *of) for table, of in one.tables.items()]
            insert_rows(connection, "intake.table_rows", rows)
            failed = [(one.judgement, *who, *told) for told in one.failures]
            insert_rows(connection, "intake.failures", failed)
            if one.accepted and one.period:
                in_effect[one.provider, one.period] = one
        counting = [(one.judgement,) for one in in_effect.values()]
        insert_rows(connection, "intermediate.int_returns_in_effect", counting)
        insert_rows(
            connection, "marts.return_status", [(code, month, "missing") for code, month in missing]
        )
        insert_rows(connection, "marts.indicator_values", cells)


def text_of(page: Path) -> str:
    """The words of a page in the order of reading, single-spaced."""
    document = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    return " ".join(" ".join(document.find(".//main").itertext()).split())


def top_of(page: Path) -> str:
    return text_of(page).partition("What failed")[0]


def told_of(sent: Sequence[Sent], reports: Reports) -> str:
    return text_of(reports(*sent) / "AB01" / "index.html")


def test_the_top_says_what_came_that_it_counts_and_what_to_do_first(reports: Reports) -> None:
    top = top_of(reports(Sent(failures=[failure(row=n) for n in range(2, 10)])) / "AB01/index.html")
    assert (
        "Your return for May 2025 (submission 1, May.xlsx ) was received on 3 June 2025 at 10:15"
        in top
    )
    assert "It counts. 412 of its 420 rows are in; 8 were left out." in top
    assert "What to do first: Mend 8 rows of contacts, in the column contact_date. Write" in top


def test_a_clean_return_needs_no_mending(reports: Reports) -> None:
    told = told_of([Sent(tables={"contacts": (420, 0)})], reports)
    assert "It counts. All of its 420 rows are in." in told
    assert "What to do first: Nothing needs mending." in told
    assert "Nothing failed." in told


def test_a_rejected_return_says_why_and_which_submission_still_counts(reports: Reports) -> None:
    reason = ("contacts", None, None, "return.table.present", "reject", None, "It is missing.")
    rejected = Sent(number=2, at="2025-06-20 12:00:00", accepted=False, failures=[reason])
    told = told_of([Sent(), rejected], reports)
    assert "It does not count. It is missing. Your submission 1 for May 2025 still counts." in told
    assert "Add a file or sheet called contacts" in told
    assert "Keeps this return out of all 32 indicators" in told
    alone = told_of([replace(rejected, judgement="other")], reports)
    assert "Nothing counts for May 2025." in alone


def test_a_file_whose_month_cannot_be_told_is_spoken_of_by_its_name(reports: Reports) -> None:
    reason = (None, None, None, "return.file.readable", "reject", None, "It could not be read.")
    odd = Sent(period=None, number=None, accepted=False, tables={}, failures=[reason], name="x.pdf")
    folder = reports(odd, Sent(at="2025-06-04 10:00:00"))
    assert "The file x.pdf, received on 3 June 2025, does not count" in text_of(
        folder / "AB01/index.html"
    )
    page = next((folder / "AB01/submissions").glob("unknown-x-*")) / "index.html"
    assert "The file x.pdf was received on 3 June 2025 at 10:15. Which month" in text_of(page)


def test_a_provider_that_sent_nothing_is_told_which_months_are_missing(reports: Reports) -> None:
    folder = reports(missing=[("CD02", "2025-05"), ("CD02", "2025-06")])
    told = text_of(folder / "CD02/index.html")
    assert "We have no return from you for May 2025 and June 2025." in told
    assert "What to do first: Send the returns for May 2025 and June 2025" in told


def test_a_replaced_submission_says_which_one_took_its_place(reports: Reports) -> None:
    later = Sent(number=2, at="2025-06-20 12:00:00", name="May again.xlsx")
    folder = reports(Sent(), later)
    page = next((folder / "AB01/submissions").glob("2025-05-1-*")) / "index.html"
    assert "submission 2 for the same month has taken its place" in text_of(page)


def test_the_worst_comes_first_by_severity_then_by_numbers_shifted_times_share(
    reports: Reports,
) -> None:
    sent = Sent(
        tables={"contacts": (100, 30), "costs": (10, 5), "people": (100, 4)},
        failures=[
            failure(column="duration_minutes", rule="contacts.duration_minutes.plausible",
                    severity="warning"),
            *(failure(row=n) for n in range(2, 32)),
            *(failure("costs", n, "amount_gbp", "costs.amount_gbp.range") for n in range(2, 7)),
            *(failure("people", n, "gender", "people.gender.code") for n in range(2, 6)),
        ],
    )  # fmt: skip
    page = (reports(sent) / "AB01/index.html").read_text(encoding="utf-8")
    rules = re.findall(r"Rule: <code>([^<]+)</code>", page)
    # 4 indicators x 30 per cent; 31 x 4 per cent; 1 x 50 per cent; then what counts.
    assert rules == [
        "people.gender.code",
        "contacts.contact_date.type",
        "costs.amount_gbp.range",
        "contacts.duration_minutes.plausible",
    ]


def test_rows_that_fail_for_the_row_they_refer_to_come_after_its_own_failure(
    reports: Reports,
) -> None:
    of_contacts = [
        failure("contacts", n, "episode_id", "contacts.episode_id.reference", value="E1")
        for n in range(2, 60)
    ]
    of_episodes = failure("episodes", 7, "service_code", "episodes.service_code.required")
    sent = Sent(
        tables={"episodes": (50, 1), "contacts": (60, 58)}, failures=[*of_contacts, of_episodes]
    )
    told = told_of([sent], reports)
    assert told.index("service_code in episodes") < told.index("episode_id in contacts")
    assert (
        "58 rows of other tables may be left out only because they refer to rows of episodes"
        in told
    )
    assert "Mend episodes first." in told
    missed = [replace_value(one, f"E{n}") for n, one in enumerate(of_contacts)]
    many = told_of([replace(sent, failures=[*missed, of_episodes], judgement="many")], reports)
    assert "Mend episodes first." not in many, "one left-out row cannot explain 58 others"


def replace_value(told: tuple[object, ...], value: str) -> tuple[object, ...]:
    return (*told[:5], value, told[6])


def test_a_page_shows_ten_rows_and_the_file_of_failures_all_of_them(reports: Reports) -> None:
    sent = Sent(failures=[failure(row=n, value=f"v{n}.") for n in range(2, 52)])
    folder = reports(sent) / "AB01"
    page = text_of(folder / "index.html")
    assert "v11." in page and "v12." not in page
    assert "The first 10 of 50 rows" in page
    with (folder / "failures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == FAILURE_COLUMNS
    assert {row[9] for row in rows[1:]} == {f"v{n}." for n in range(2, 52)}


def test_a_cell_of_the_file_of_failures_is_no_formula(reports: Reports) -> None:
    folder = reports(Sent(failures=[failure(value="=1+1")])) / "AB01"
    with (folder / "failures.csv").open(encoding="utf-8", newline="") as file:
        assert [row["value"] for row in csv.DictReader(file)] == ["'=1+1"]


def test_between_submissions_of_a_month_failures_are_new_still_there_or_mended(
    reports: Reports,
) -> None:
    first = Sent(failures=[failure(row=2, value="a"), failure(row=3, value="b")])
    # The row of "a" moved; "b" was mended; "c" is new.
    second = Sent(
        number=2, at="2025-06-20 12:00:00", failures=[failure(row=9, value="a"), failure(value="c")]
    )
    assert (
        "Compared with submission 1 of the same month: 1 new, 1 still there, 1 mended"
        in told_of([first, second], reports)
    )


def test_between_months_only_how_many_failed_is_compared(reports: Reports) -> None:
    june = Sent(
        period="2025-06",
        at="2025-07-03 12:00:00",
        failures=[failure(value="x"), failure(row=3, value="y"), failure(row=4, value="z")],
    )
    told = told_of([Sent(failures=[failure(value="a"), failure(row=3, value="b")]), june], reports)
    assert "Compared with your return for May 2025: 1 new, 2 still there, 0 gone" in told


def test_what_was_not_judged_is_not_said_to_be_mended(reports: Reports) -> None:
    before = Sent(failures=[failure()])
    unreadable = (None, None, None, "return.file.readable", "reject", None, "Damaged.")
    no_table = ("contacts", None, None, "return.table.present", "reject", None, "Missing.")
    again = Sent(number=2, at="2025-06-20 12:00:00", accepted=False, tables={})
    told = told_of([before, replace(again, failures=[unreadable])], reports)
    assert "cannot be compared with the submission before, because one of the two files" in told
    told = told_of([before, replace(again, failures=[no_table], judgement="no")], reports)
    assert "1 new, 0 still there, 0 mended" in told
    assert "Not judged this time, because the table came without rows" in told


def test_completeness_and_timeliness_are_told_of_each_of_twelve_months(reports: Reports) -> None:
    late = Sent(at="2025-06-09 23:30:00", tables={"contacts": (200, 18), "costs": (200, 0)})
    again = Sent(number=2, at="2025-06-30 09:00:00", tables={"contacts": (200, 6)})
    folder = reports(late, again, missing=[("AB01", "2025-06")])
    page = text_of(folder / "AB01/index.html")
    # Half past eleven in the evening by Greenwich is the next day in summer; the first counts.
    assert re.search(r"May 2025 Counts; 2 submissions 3\.0% contacts: 3\.0% 10 days", page)
    assert re.search(r"June 2025 Not received Nothing counts for this month", page)


def test_the_providers_numbers_are_exact_and_its_own(reports: Reports) -> None:
    def cell(indicator: str, code: str, *numbers: float | None) -> tuple[object, ...]:
        place = ("month", date(2025, 5, 1), "provider", code, "all", "all")
        return (indicator, *place, *numbers, None, None, True)

    cells = [
        cell("throughput", "AB01", 1, 3, 100 / 3),
        cell("unit_cost", "AB01", 777.77, 0, None),
        cell("contacts_attended", "CD02", 98765, None, 98765),
    ]
    folder = reports(Sent(), cells=cells) / "AB01"
    told = text_of(folder / "index.html")
    assert (
        "Episodes completed of open episodes 33.33% provisional: it may still change 1 out of 3"
        in told
    )
    assert 'title="33.333333333333336"' in (folder / "index.html").read_text(encoding="utf-8")
    assert "Cost per attended contact per contact No contacts that took place provisional" in told
    assert "Do not publish them" in told
    own = (folder / "own_indicators.csv").read_text(encoding="utf-8")
    assert "33.3333333333333" in own and "98765" not in own + told


def test_nothing_of_another_provider_is_in_a_report(reports: Reports) -> None:
    marker = "SECRETOFCD"
    other = Sent(
        provider="CD02",
        name=f"{marker}.xlsx",
        failures=[failure(value=marker)],
        judgement=marker,
    )
    # The same provider's file, put into the wrong inbox: its rows are its own.
    inbox = (None, None, "provider_code", "return.provider_code.inbox", "reject", "cd02", "Wrong.")
    strayed = Sent(
        accepted=False,
        names_another=True,
        at="2025-06-20 12:00:00",
        failures=[inbox, failure(value=marker)],
    )
    folder = reports(Sent(), other, strayed, cells=[
        ("contacts_attended", "month", date(2025, 5, 1), "provider", "CD02", "all", marker,
         1, None, 1, None, None, False),
    ])  # fmt: skip
    for path in (folder / "AB01").rglob("*"):
        assert marker not in path.as_posix()
        assert path.is_dir() or marker not in path.read_text(encoding="utf-8"), path
    assert marker in (folder / "CD02/failures.csv").read_text(encoding="utf-8")
    assert "names another provider" in text_of(folder / "AB01/index.html")


def test_odd_values_are_shown_as_text(reports: Reports) -> None:
    nasty = "<script>alert(1)</script>\u202e\x00" + "long " * 12_000
    column = ("contacts", None, nasty, "return.column.known", "warning", nasty, f"{nasty} ignored.")
    sent = Sent(name="<b>&.xlsx", failures=[failure(value=nasty), column])
    page = (reports(sent) / "AB01/index.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "&lt;b&gt;&amp;.xlsx" in page
    assert "\u202e" not in page and "\x00" not in page
    assert len(page) < 60_000
    html5lib.HTMLParser(strict=True).parse(page)


def test_a_report_that_did_not_change_is_not_written_again(reports: Reports) -> None:
    marked: list[str] = []
    sent, other = Sent(failures=[failure()]), Sent(provider="CD02", failures=[failure()])
    folder = reports(sent, other, marked=marked)
    first = {code: (folder / code).stat().st_ino for code in ("AB01", "CD02")}
    reports(sent, other, marked=marked)
    assert {code: (folder / code).stat().st_ino for code in first} == first
    more = Sent(period="2025-06", at="2025-07-03 12:00:00", failures=[failure()])
    reports(sent, other, more, marked=marked)
    assert (folder / "CD02").stat().st_ino == first["CD02"]
    assert (folder / "AB01").stat().st_ino != first["AB01"]
    # A file is marked once, and its mark goes over into the new report.
    assert len(marked) == 3
    assert len(list((folder / "AB01/submissions").rglob("marked file.csv"))) == 2
    page = next((folder / "AB01/submissions").glob("2025-05*")) / "index.html"
    assert 'href="marked%20file.csv"' in page.read_text(encoding="utf-8")


def test_a_file_is_marked_again_when_its_failures_change(reports: Reports) -> None:
    marked: list[str] = []
    sent = Sent(failures=[failure()])
    reports(sent, marked=marked)
    sent.failures.append(failure(row=5))
    folder = reports(sent, marked=marked)
    assert len(marked) == 2
    page = next((folder / "AB01/submissions").glob("2025-05*"))
    assert len((page / "marked file.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_a_report_that_cannot_be_made_leaves_the_old_one_whole(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = reports(Sent())
    before = {path: path.stat().st_ino for path in (folder / "AB01").rglob("*")}

    def fail(*_: object) -> str:
        raise RuntimeError

    monkeypatch.setattr(Pages, "index", fail)
    with pytest.raises(RuntimeError):
        reports(Sent(tables={"contacts": (7, 0)}))
    assert {path: path.stat().st_ino for path in (folder / "AB01").rglob("*")} == before


def test_a_file_that_cannot_be_marked_costs_nobody_the_report(reports: Reports) -> None:
    marked: list[str] = []
    sent = Sent(failures=[failure()])
    folder = reports(sent, marked=marked, marking_fails=True)
    assert "What to do first: Mend 1 row" in text_of(folder / "AB01/index.html")
    assert not list(folder.rglob("marked*"))
    reports(sent, Sent(number=2, at="2025-06-20 12:00:00"), marked=marked)
    assert len(list(folder.rglob("marked file.csv"))) == 1, "it is tried again"


def test_an_inbox_of_nobodys_has_a_report_in_a_folder_of_a_safe_name(reports: Reports) -> None:
    folder = reports(Sent(provider="../Zoë's <inbox>"), Sent(provider="ZZ9"), Sent(provider="zz9"))
    names = sorted(path.name for path in folder.iterdir())
    assert names[:3] == ["AB01", "CD02", "ZZ9"]
    assert re.fullmatch(r"inbox-Zo-s-inbox-[0-9a-f]{8}", names[3])
    assert re.fullmatch(r"inbox-zz9-[0-9a-f]{8}", names[4])


def test_a_report_of_somebody_no_longer_known_goes_and_nothing_else_does(reports: Reports) -> None:
    folder = reports(Sent(provider="ZZ9"))
    (folder / "notes").mkdir()
    reports(Sent())
    assert sorted(path.name for path in folder.iterdir()) == ["AB01", "CD02", "notes"]


def test_hundreds_of_old_submissions_leave_the_page_small(reports: Reports) -> None:
    sent = [
        Sent(period=f"{2000 + n // 12}-{n % 12 + 1:02}", at=f"{2000 + n // 12}-12-31 12:00:00")
        for n in range(300)
    ]
    folder = reports(*sent) / "AB01"
    assert (folder / "index.html").stat().st_size < 60_000
    listed = (folder / "submissions/index.html").read_text(encoding="utf-8")
    assert listed.count("<li>") == 300


def test_every_link_of_a_report_leads_into_it(reports: Reports) -> None:
    rejected = Sent(number=2, accepted=False, at="2025-06-20 12:00:00", failures=[failure()])
    folder = reports(Sent(failures=[failure()]), rejected) / "AB01"
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            path, _, anchor = link.partition("#")
            if link.startswith("data:"):
                continue
            target = (page.parent / path.replace("%20", " ")).resolve() if path else page
            assert folder.resolve() in target.parents and target.is_file(), f"{page}: {link}"
            assert not anchor or f'id="{anchor}"' in text


# Which numbers a failure shifts.


def group(table: str | None, column: str | None, severity: str) -> FailureGroup:
    return FailureGroup("rule", table, column, severity, 1, 1, 1, 1, ())


@pytest.mark.parametrize(
    ("table", "column", "severity", "expected"),
    [
        ("costs", "amount_gbp", "error", {"unit_cost"}),
        ("contacts", "purpose", "warning", {"healthy_living_sessions"}),
        ("contacts", "bedded_down", "warning", set()),
        ("handovers", "to_agency", "error", {"handovers_made", "handover_acceptance"}),
        ("narratives", "text", "error", set()),
        ("person_groups", "inclusion_group", "error", set()),
        ("return", "prepared_on", "warning", set()),
    ],
)
def test_a_failure_shifts_what_reads_its_table_or_its_field(
    table: str, column: str, severity: str, expected: set[str]
) -> None:
    shifted = Shifts(catalogue()).by(group(table, column, severity))
    assert {indicator.indicator_id for indicator in shifted} == expected


def test_a_rejected_return_blocks_every_indicator_and_a_left_out_person_nearly() -> None:
    every = set(catalogue().indicators)
    blocked = Shifts(catalogue()).by(group(None, None, "reject"))
    assert {indicator.indicator_id for indicator in blocked} == every
    shifted = Shifts(catalogue()).by(group("people", "gender", "error"))
    assert {indicator.indicator_id for indicator in shifted} == every


def test_a_field_that_only_divides_is_read_by_no_measure() -> None:
    sent = {f"{t.name}.{f.name}" for t in standard().tables.values() for f in t.fields}
    assert set(DIVIDES) <= sent
    for measure in catalogue().measures.values():
        assert not set(measure.reads) & set(DIVIDES)


def upstream(model: str) -> set[str]:
    """The tables of a return that a dbt model is made of."""
    folder = PROJECT / "dbt_project" / "models"
    files = {path.stem: path.read_text(encoding="utf-8") for path in folder.rglob("*.sql")}
    seen, waiting = set(), [model]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += re.findall(r"ref\('(\w+)'\)", files.get(name, ""))
    return {name.removeprefix("stg_returns__") for name in seen if name.startswith("stg_returns__")}


@pytest.mark.parametrize("domain", sorted(catalogue().domains))
def test_the_tables_that_measures_read_are_those_that_their_sql_reads(domain: str) -> None:
    measures = [m for m in catalogue().measures.values() if m.domain == domain]
    read = {field.partition(".")[0] for measure in measures for field in measure.reads}
    # Re-admissions come from the model that also tells step-down, which alone reads stays.
    beside = {"stays"} if domain == "activity" else set()
    assert read == upstream(f"measures_{domain}") - beside


def test_a_measure_that_reads_an_unknown_field_is_refused(tmp_path: Path) -> None:
    shutil.copytree(SEEDS, tmp_path / "seeds")
    path = tmp_path / "seeds" / "catalogue" / "measures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("costs.amount_gbp", "costs.pounds"))
    with pytest.raises(FactsError, match=r"reads costs\.pounds"):
        load_catalogue(tmp_path / "seeds")
