"""The sample returns: the same for the same arguments, of any size, and without fault if asked."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from orchestration.doctor.places import inboxes_are_readable_and_private
from orchestration.facts import SEEDS, standard
from orchestration.registry import load_registry
from orchestration.sample import SampleSummary, write_sample
from orchestration.sample.faults import spoil
from orchestration.sample.kinds import KINDS
from orchestration.sample.registry import sample_registry, write_registry
from orchestration.sample.returns import Shelf
from orchestration.sample.situations import Post, Twist, plan_post
from orchestration.sample.tables import Cells, make_tables
from orchestration.sample.window import Window, window_before
from orchestration.settings import Settings

AS_AT = date(2026, 4, 15)
SMALL = {"providers": 4, "months": 3, "people": 60}


def digest(folder: Path) -> str:
    """One digest of every path and byte below a folder, and of the times of what was sent."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        content = path.read_bytes() if path.is_file() else b""
        sent = inside.parts[0] == "returns" and len(inside.parts) > 2
        found.update(f"{inside}|{path.stat().st_mtime_ns if sent else ''}|".encode() + content)
    return found.hexdigest()


@cache
def window() -> Window:
    return window_before(AS_AT, 24)


@cache
def demonstration() -> dict[str, Cells]:
    """The tables of the demonstration, as they are before anything is written."""
    return make_tables(1, standard(), window(), sample_registry(12, window().months[0]), 1500)


def column(table: str, field: str) -> np.ndarray:
    return demonstration()[table].columns[field]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    """A sample of all twelve providers, three months and few people, without faults."""
    folder = tmp_path_factory.mktemp("written")
    return folder, write_sample(folder, months=3, people=150)


def returns_of(folder: Path) -> list[Path]:
    return sorted((folder / "returns").glob("*/*"))


def test_nobody_else_on_the_machine_can_read_the_inboxes(
    written: tuple[Path, SampleSummary], tmp_path: Path
) -> None:
    folder, _ = written
    settings = Settings(folder / "returns", folder / "registry", tmp_path, AS_AT)
    assert list(inboxes_are_readable_and_private(settings)) == []


# The same and not the same.


def test_the_same_arguments_give_the_same_bytes_and_times(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_sample(tmp_path / name, **SMALL, faults=0.04, seed=3)
    assert digest(tmp_path / "one") == digest(tmp_path / "other")


def test_another_seed_gives_another_sample(tmp_path: Path) -> None:
    write_sample(tmp_path / "one", **SMALL, seed=3)
    write_sample(tmp_path / "other", **SMALL, seed=4)
    assert digest(tmp_path / "one") != digest(tmp_path / "other")


def test_faults_change_rows_and_leave_the_rest_as_it_was(tmp_path: Path) -> None:
    clean = write_sample(tmp_path / "clean", **SMALL, seed=3)
    spoilt = write_sample(tmp_path / "spoilt", **SMALL, seed=3, faults=0.04)
    assert (clean.rows, clean.contacts) == (spoilt.rows, spoilt.contacts)
    assert clean.faulty_rows == 0 < spoilt.faulty_rows


# The registry.


def test_the_demonstration_has_the_registry_of_the_seeds(tmp_path: Path) -> None:
    write_registry(sample_registry(12, window().months[0]).registry, tmp_path)
    for path in (SEEDS / "registry").iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("providers", [1, 3, 12, 30])
def test_the_registry_of_any_size_is_one_that_can_be_read(tmp_path: Path, providers: int) -> None:
    write_sample(tmp_path, providers=providers, months=1, people=5)
    registry = load_registry(tmp_path / "registry")
    assert len(registry.providers) == providers
    assert {one.provider_code for one in registry.services.values()} == set(registry.providers)
    assert [area.area_type for area in registry.areas.values()].count("system") == 1


def test_a_sample_that_begins_earlier_has_its_providers_from_then_on() -> None:
    registry = sample_registry(12, date(2023, 1, 1)).registry
    begins = {code: provider.active_from for code, provider in registry.providers.items()}
    assert begins["AB01"] == date(2023, 1, 1)
    assert begins["IR09"] == date(2024, 10, 1)
    assert registry.services["AB01-A"].open_from == date(2023, 1, 1)


def test_a_sample_that_begins_later_expects_no_return_before_it() -> None:
    registry = sample_registry(12, date(2025, 12, 1)).registry
    assert min(one.active_from for one in registry.providers.values()) == date(2025, 12, 1)


def test_every_service_of_the_seeds_is_of_a_known_kind() -> None:
    services = load_registry(SEEDS / "registry").services.values()
    assert {service.service_name for service in services} <= set(KINDS)


# What is written.


def test_every_active_provider_sends_one_return_for_each_month(
    written: tuple[Path, SampleSummary],
) -> None:
    folder, summary = written
    assert summary.files == summary.expected == len(returns_of(folder)) == 36


def test_all_three_forms_of_a_return_occur(written: tuple[Path, SampleSummary]) -> None:
    forms = {path.suffix if path.is_file() else "folder" for path in returns_of(written[0])}
    assert {"folder", ".zip", ".xlsx"} <= forms


def test_returns_arrive_in_the_first_days_of_the_month_after(
    written: tuple[Path, SampleSummary],
) -> None:
    times = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in returns_of(written[0])]
    assert {time.month for time in times} == {2, 3, 4}
    assert {time.day for time in times} <= {5, 6, 7, 8, 9}


def test_workbooks_hold_real_dates_and_every_mandatory_table(
    written: tuple[Path, SampleSummary],
) -> None:
    path = next(iter((written[0] / "returns" / "BR02").glob("*.xlsx")))
    book = openpyxl.load_workbook(path, read_only=True)
    mandatory = {table.name for table in standard().tables.values() if table.mandatory}
    assert mandatory <= {name.strip().lower() for name in book.sheetnames}
    header, first, *_ = book["Episodes"].iter_rows(values_only=True)
    assert isinstance(first[header.index("Start date")], datetime)


def test_nothing_in_a_workbook_or_zip_tells_when_it_was_written(
    written: tuple[Path, SampleSummary],
) -> None:
    for path in returns_of(written[0]):
        if path.suffix in (".zip", ".xlsx"):
            sent = datetime.fromtimestamp(path.stat().st_mtime, UTC).timetuple()[:6]
            with zipfile.ZipFile(path) as archive:
                assert {entry.date_time for entry in archive.infolist()} == {tuple(sent)}


def test_csv_files_differ_in_encoding_and_delimiter(written: tuple[Path, SampleSummary]) -> None:
    heads = {}
    for path in returns_of(written[0]):
        if path.is_dir():
            heads[path.parent.name] = next(path.glob("[cC]ontacts.csv")).read_bytes()[:40]
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = next(n for n in archive.namelist() if n.lower().endswith("contacts.csv"))
                heads[path.parent.name] = archive.read(inside)[:40]
    assert any(head.startswith(b"\xef\xbb\xbf") for head in heads.values())
    assert any(head.startswith(b"\xff\xfe") for head in heads.values())
    assert any(b";" in head for head in heads.values())


def test_a_csv_table_reads_back_as_it_was_planned(tmp_path: Path) -> None:
    write_sample(tmp_path, providers=1, months=2, people=40)
    months = window_before(AS_AT, 2)
    tables = make_tables(1, standard(), months, sample_registry(1, months.months[0]), 40)
    shelf = Shelf.of(tables, 2)
    # The first provider sends plain folders.
    text = (tmp_path / "returns" / "AB01" / "2026-02" / "episodes.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    planned = tables["episodes"].columns["start_date"][shelf.rows("episodes", 0)]
    assert [row["start_date"] for row in rows] == [day.isoformat() for day in planned]


@pytest.mark.parametrize(
    "size",
    [
        {"providers": 1, "months": 1, "people": 1},
        {"providers": 3, "months": 4, "people": 40},
        {"providers": 2, "months": 1, "people": 7, "faults": 0.5},
        {"providers": 13, "months": 2, "people": 30, "as_at": date(2023, 3, 1)},
    ],
)
def test_any_size_works(tmp_path: Path, size: dict[str, int]) -> None:
    summary = write_sample(tmp_path, **size)
    assert summary.files >= summary.expected - summary.missing > 0


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    write_sample(tmp_path, providers=1, months=1, people=1)
    before = digest(tmp_path)
    with pytest.raises(FileExistsError, match="choose a new folder"):
        write_sample(tmp_path, providers=1, months=1, people=2)
    assert digest(tmp_path) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [("providers", 0), ("months", 0), ("people", 0), ("faults", 1.0), ("seed", -1)],
)
def test_arguments_that_make_no_sample_are_refused(tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name} is {value}"):
        write_sample(tmp_path / "new", **{name: value})
    assert not (tmp_path / "new").exists()


# What the demonstration holds.


def test_every_code_of_every_list_occurs_in_the_demonstration() -> None:
    for name in demonstration():
        for field in standard().tables[name].fields:
            if field.code_list:
                listed = {code.code for code in standard().codes[field.code_list]}
                found = set(column(name, field.name)) - {None}
                assert found == listed, f"{name}.{field.name}"


def test_the_demonstration_is_of_the_size_that_was_asked_for() -> None:
    assert 30_000 < len(demonstration()["contacts"]) < 50_000
    open_in_a_month = np.bincount(demonstration()["episodes"].returns % 24)
    assert open_in_a_month.min() > 500


def test_some_people_are_known_to_several_providers_by_their_link_key() -> None:
    people = demonstration()["people"]
    keys = people.columns["link_key"]
    known = {(k, p) for k, p in zip(keys, people.returns // 24, strict=True) if k is not None}
    providers = np.unique([key for key, _ in known], return_counts=True)[1]
    assert 0.10 < (providers > 1).sum() / 1500 < 0.16
    assert 0.05 < np.mean(keys == np.array(None)) < 0.2


def test_required_fields_are_filled_and_keys_are_not_repeated() -> None:
    for name, cells in demonstration().items():
        table = standard().tables[name]
        for field in table.fields:
            if field.required:
                assert None not in cells.columns[field.name], f"{name}.{field.name}"
        keys = [cells.columns[field.name] for field in table.keys]
        assert len(set(zip(cells.returns, *keys, strict=True))) == len(cells), name


def test_rows_refer_to_rows_of_the_same_return() -> None:
    held = {
        f"{name}.{key}": set(zip(demonstration()[name].returns, column(name, key), strict=True))
        for name, key in (("people", "person_id"), ("episodes", "episode_id"))
    }
    for name, cells in demonstration().items():
        for field in standard().tables[name].fields:
            if field.references in held:
                found = set(zip(cells.returns, cells.columns[field.name], strict=True))
                assert found <= held[field.references], f"{name}.{field.name}"


def test_events_lie_in_their_month_and_in_their_episode() -> None:
    episodes = demonstration()["episodes"]
    start, end = column("episodes", "start_date"), column("episodes", "end_date")
    ids = zip(episodes.returns, column("episodes", "episode_id"), strict=True)
    days = dict(zip(ids, zip(start, end, strict=True), strict=True))
    for name, cells in demonstration().items():
        table = standard().tables[name]
        if table.kind != "event" or not table.has("episode_id"):
            continue
        dated = next(field.name for field in table.fields if field.type == "date")
        for place, episode, day in zip(
            cells.returns, cells.columns["episode_id"], cells.columns[dated], strict=True
        ):
            begins, ends = days[place, episode]
            assert begins <= day and (ends is None or day <= ends), f"{name} {episode}"
            assert day.replace(day=1) == window().months[place % 24], f"{name} {episode}"


def test_an_open_episode_is_sent_again_in_the_month_after() -> None:
    episodes = demonstration()["episodes"]
    ids, ends = column("episodes", "episode_id"), column("episodes", "end_date")
    sent = set(zip(episodes.returns, ids, strict=True))
    for place, episode, end in zip(episodes.returns, ids, ends, strict=True):
        if end is None and place % 24 < 23:
            assert (place + 1, episode) in sent


def test_the_number_of_contacts_never_jumps() -> None:
    numbers = np.bincount(demonstration()["contacts"].returns, minlength=12 * 24).reshape(12, 24)
    for month in range(3, 24):
        before = numbers[:, month - 3 : month]
        mean = before.mean(axis=1)
        judged = (before > 0).all(axis=1) & (mean >= 20) & (numbers[:, month] > 0)
        assert (numbers[judged, month] >= mean[judged] / 2).all()
        assert (numbers[judged, month] <= mean[judged] * 2).all()


def test_a_persons_stays_do_not_overlap() -> None:
    stays = demonstration()["stays"]
    person, start, end = (
        stays.links["person"],
        column("stays", "start_date"),
        column("stays", "end_date"),
    )
    order = np.lexsort((start.astype("datetime64[D]"), person, stays.returns))
    for one, after in pairwise(order):
        if stays.returns[one] == stays.returns[after] and person[one] == person[after]:
            assert end[one] is not None and end[one] <= start[after]


# Faults.


@cache
def post() -> Post:
    providers = list(sample_registry(12, window().months[0]).registry.providers.values())
    return plan_post(1, providers, window(), AS_AT, True)


def test_of_the_demonstrations_returns_some_never_come_and_some_come_twice() -> None:
    assert post().missing >= 2
    assert post().resubmitted >= 2
    again = [each for each in post().sendings if each.submission_no == 2]
    first = {each.place: each for each in post().sendings if each.submission_no == 1}
    assert all(first[each.place].when < each.when for each in again)


def test_a_rejected_return_leaves_its_month_without_one() -> None:
    refused = (Twist.UNREADABLE, Twist.MISSING_COLUMN)
    good = {
        each.place
        for each in post().sendings
        if each.twist not in refused
        and each.inbox == each.code
        and each.month == window().months[each.place % 24]
    }
    sent = {each.place for each in post().sendings}
    assert 1 <= len(sent - good) <= post().rejected


def test_no_two_returns_have_one_name() -> None:
    names = [(each.inbox, each.name) for each in post().sendings]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.6])
def test_faults_never_exclude_a_tenth_of_a_table(share: float) -> None:
    n = 12 * 24
    spoilt, rows = spoil(
        1,
        standard(),
        window(),
        demonstration(),
        is_csv=np.ones(n, dtype=bool),
        kept=np.ones(n),
        share=share,
    )
    assert rows > 0
    for name in ("people", "episodes", "contacts"):
        changed = np.zeros(len(spoilt[name]), dtype=bool)
        changed[spoilt[name].ragged[0]] = True
        key = standard().tables[name].keys[0].name
        changed |= spoilt[name].columns[key] != column(name, key)
        per_return = np.bincount(spoilt[name].returns, weights=changed, minlength=n)
        assert (per_return <= 0.1 * np.bincount(spoilt[name].returns, minlength=n)).all()


def test_faults_are_of_many_kinds() -> None:
    n = 12 * 24
    spoilt, _ = spoil(
        1,
        standard(),
        window(),
        demonstration(),
        is_csv=np.ones(n, dtype=bool),
        kept=np.ones(n),
        share=0.03,
    )
    for name, cells in spoilt.items():
        fields = [
            field
            for field, cell in cells.columns.items()
            if (cell != demonstration()[name].columns[field]).any()
        ]
        assert len(fields) >= min(2, len(cells.columns)), name
        assert len(cells.ragged[0]) or len(cells) < 1000, name


def test_without_faults_nothing_is_odd() -> None:
    providers = list(sample_registry(12, window().months[0]).registry.providers.values())
    clean = plan_post(1, providers, window(), AS_AT, False)
    assert len(clean.sendings) == clean.expected
    assert {each.twist for each in clean.sendings} == {Twist.NONE}
    assert not any(each.spoilt for each in clean.sendings)


def test_the_time_of_a_folder_is_that_of_its_files(written: tuple[Path, SampleSummary]) -> None:
    folder = next(path for path in returns_of(written[0]) if path.is_dir())
    times = {path.stat().st_mtime for path in (folder, *folder.iterdir())}
    assert len(times) == 1
