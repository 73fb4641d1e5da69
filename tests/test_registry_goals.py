"""The registry's targets and breaks: what is read, what is refused and what is told of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.facts import SEEDS, catalogue
from orchestration.refresh import Outcome, RefreshReport
from orchestration.registry import RegistryError, load_registry
from orchestration.registry_goals import BREAKS, SMART, TARGETS, Break, Goals, load_goals
from orchestration.settings import Settings
from orchestration.state import judging_context, release_id
from orchestration.summary import summary
from orchestration.transform.sources import _write_goals

HEADER = "indicator_id,area_type,area_code,baseline_period,target_value,due_date"
GOOD = "coping_gain,system,QPM,2024/25,70,2028-03-31"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """A copy of the demonstration's registry, without targets and breaks."""
    for name in ("providers.csv", "services.csv", "areas.csv"):
        shutil.copyfile(SEEDS / "registry" / name, tmp_path / name)
    return tmp_path


def goals_of(folder: Path) -> Goals:
    return load_goals(folder, load_registry(folder), catalogue())


def with_targets(folder: Path, *lines: str, header: str = HEADER) -> Goals:
    (folder / TARGETS).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return goals_of(folder)


def with_breaks(folder: Path, *lines: str) -> Goals:
    text = "\n".join(["indicator_id,area_code,month,reason", *lines])
    (folder / BREAKS).write_text(text, encoding="utf-8")
    return goals_of(folder)


def test_a_registry_without_the_two_files_has_no_targets_and_no_breaks(registry: Path) -> None:
    assert goals_of(registry) == Goals()


def test_every_target_and_break_of_the_demonstration_stands() -> None:
    found = goals_of(SEEDS / "registry")
    assert found.refusals == ()
    assert len(found.targets) >= 6
    assert len(found.breaks) == 1


@pytest.mark.parametrize(
    ("written", "period_type", "start", "end"),
    [
        ("2025-04", "month", date(2025, 4, 1), date(2025, 4, 30)),
        ("2025-12", "month", date(2025, 12, 1), date(2025, 12, 31)),
        ("2025/26 Q1", "quarter", date(2025, 4, 1), date(2025, 6, 30)),
        ("2025/26 Q3", "quarter", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025/26 Q4", "quarter", date(2026, 1, 1), date(2026, 3, 31)),
        ("2025/26", "financial_year", date(2025, 4, 1), date(2026, 3, 31)),
        ("1999/00", "financial_year", date(1999, 4, 1), date(2000, 3, 31)),
    ],
)
def test_a_baseline_is_told_by_how_it_is_written(
    registry: Path, written: str, period_type: str, start: date, end: date
) -> None:
    (target,) = with_targets(registry, GOOD.replace("2024/25", written)).targets
    assert target.message is None
    assert (target.period_type, target.baseline_start, target.baseline_end) == (
        period_type, start, end,
    )  # fmt: skip


# What is changed in a good line, and what the refusal says.
WRONG = [
    (("coping_gain", ""), "there is no indicator_id"),
    (("coping_gain", "happiness"), "indicator_id 'happiness' is not in the catalogue"),
    (("system", ""), "there is no area_type"),
    (("system", "street"), "area_type 'street' is not one of local_authority, place, provider, "),
    (("QPM", ""), "there is no area_code"),
    (("QPM", "NOR"), "area_code 'NOR' is no system of the registry"),
    (("2024/25", ""), "there is no baseline_period"),
    (("2024/25", "2024/26"), "baseline_period '2024/26' is no period written 2025-04, "),
    (("2024/25", "2025-13"), "baseline_period '2025-13' is no period written 2025-04, "),
    (("2024/25", "2024/25 Q5"), "baseline_period '2024/25 Q5' is no period written"),
    (("2024/25", "0000-04"), "the year 0 is none"),
    (("2024/25", "9999/00"), "the year 9999 is none"),
    (("70", ""), "there is no target_value"),
    (("70", "140"), "target_value '140' cannot be: expected from 0 to 100"),
    (("70", "-1"), "target_value '-1' cannot be: expected from 0 to 100"),
    (("70", "70%"), "target_value '70%' is no number such as 12 or 12.5"),
    (("70", "nan"), "target_value 'nan' is no number such as 12 or 12.5"),
    (("2028-03-31", ""), "there is no due_date"),
    (("2028-03-31", "31/03/2028"), "due_date '31/03/2028' is no day written YYYY-MM-DD"),
    (("2028-03-31", "2028-02-30"), "due_date '2028-02-30' is no day of the calendar"),
    (
        ("2028-03-31", "2025-03-31"),
        "due_date 2025-03-31 is not after the baseline, which ends on 2025-03-31",
    ),
    (("2028-03-31", "2028-03-31,more"), "the row has more cells than the header"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_target_that_is_not_complete_is_refused_and_told_what_smart_asks_for(
    registry: Path, change: tuple[str, str], said: str
) -> None:
    found = with_targets(registry, GOOD.replace(*change), GOOD)
    refused, good = found.targets
    assert refused.message is not None
    assert refused.message.startswith(f"targets.csv line 2 is refused: {said}")
    assert refused.message.endswith(SMART)
    assert good.message is None
    assert found.refusals == (refused.message,)


def test_smart_is_spelt_out() -> None:
    for word in ("specific", "measurable", "achievable", "relevant", "time-bound"):
        assert word in SMART


def test_every_fault_of_a_target_is_told_at_once(registry: Path) -> None:
    (refused,) = with_targets(registry, "coping_gain,system,QPM,2024/25,,").targets
    assert refused.message is not None
    assert "there is no target_value; there is no due_date" in refused.message


def test_a_count_may_have_a_target_above_100_and_a_share_may_not(registry: Path) -> None:
    found = with_targets(
        registry,
        "healthy_living_sessions,system,QPM,2024/25,1500,2028-03-31",
        "admission_rate,system,QPM,2024/25,140.5,2028-03-31",
        "exercise_uptake,system,QPM,2024/25,100.5,2028-03-31",
    )
    assert [target.message is None for target in found.targets] == [True, True, False]


def test_two_targets_for_the_same_day_are_one_too_many(registry: Path) -> None:
    found = with_targets(registry, GOOD, GOOD.replace("70", "80"), GOOD.replace("2028", "2029"))
    assert [target.message is None for target in found.targets] == [True, False, True]
    assert "line 2 sets a target for the same day" in found.refusals[0]


def test_a_kind_of_period_that_is_named_must_be_that_of_the_baseline(registry: Path) -> None:
    header = HEADER + ",baseline_period_type"
    found = with_targets(registry, GOOD + ",", GOOD + ",financial_year", header=header)
    assert found.targets[0].message is None
    (refused,) = with_targets(registry, GOOD + ",month", header=header).targets
    assert "but baseline_period is written as a financial_year" in str(refused.message)


def test_a_column_that_is_not_there_is_missing_from_every_target(registry: Path) -> None:
    header, line = HEADER.removesuffix(",due_date"), GOOD.removesuffix(",2028-03-31")
    (refused,) = with_targets(registry, line, header=header).targets
    assert "there is no due_date" in str(refused.message)


def test_no_more_than_the_beginning_of_a_cell_is_repeated(registry: Path) -> None:
    (refused,) = with_targets(registry, GOOD.replace("70", "9" * 200 + "x")).targets
    assert "'" + "9" * 40 + "...'" in str(refused.message)
    assert "9" * 41 not in str(refused.message)


def test_blank_lines_are_no_targets_but_count_as_lines(registry: Path) -> None:
    (target,) = with_targets(registry, "", ",,,,,", GOOD).targets
    assert target.line == 4


@pytest.mark.parametrize("name", [TARGETS, BREAKS])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "cannot be read as UTF-8 text"),
        (b"", "the first line must name the columns"),
        (b"colour,size\nred,1\n", "the first line must name the columns"),
        (b'indicator_id\n"never closed\n', "cannot be read as CSV"),
        (b"indicator_id,indicator_id\n", "stands twice"),
    ],
)
def test_a_file_that_is_no_table_is_a_registry_that_cannot_be_used(
    registry: Path, name: str, content: bytes, said: str
) -> None:
    (registry / name).write_bytes(content)
    with pytest.raises(RegistryError, match=f"{name}.*{said}"):
        goals_of(registry)


def test_a_break_holds_from_its_month_on_for_one_area_or_for_all(registry: Path) -> None:
    found = with_breaks(
        registry, "handovers_made,,2024-07,Counted anew", "handovers_made,NOR,2025-01,Merged"
    )
    assert found.breaks == (
        Break("handovers_made", None, date(2024, 7, 1), "Counted anew"),
        Break("handovers_made", "NOR", date(2025, 1, 1), "Merged"),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",,2024-07,Why", "there is no indicator_id"),
        ("happiness,,2024-07,Why", "indicator_id 'happiness' is not in the catalogue"),
        ("handovers_made,ELSEWHERE,2024-07,Why", "area_code 'ELSEWHERE' is no area"),
        ("handovers_made,,,Why", "there is no month"),
        ("handovers_made,,2024/25,Why", "month '2024/25' is no month written YYYY-MM"),
        ("handovers_made,,2024-07,", "there is no reason"),
        ("handovers_made,,2025-01,Again", "the same break stands above"),
    ],
)
def test_a_break_without_indicator_month_or_reason_is_refused_and_the_others_stand(
    registry: Path, line: str, said: str
) -> None:
    found = with_breaks(registry, "handovers_made,,2025-01,A good one", line)
    assert len(found.breaks) == 1
    (message,) = found.refusals
    assert message.startswith(f"breaks.csv line 3 is refused: {said}")
    assert message.endswith("A break needs an indicator, a month written YYYY-MM and a reason.")


def test_to_add_or_change_targets_or_breaks_makes_another_release_and_judges_no_return_anew(
    registry: Path, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "returns", registry, tmp_path / "build", date(2026, 4, 15))
    judging, seen = judging_context(settings), {release_id(settings, [])}
    for name, content in (
        (TARGETS, ""), (TARGETS, HEADER), (BREAKS, ""), (BREAKS, "indicator_id"),
    ):  # fmt: skip
        (registry / name).write_text(content, encoding="utf-8")
        seen.add(release_id(settings, []))
    assert len(seen) == 5
    assert judging_context(settings) == judging


def test_the_summary_tells_every_refusal(registry: Path, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "returns", registry, tmp_path / "build", date(2026, 4, 15))
    refusals = with_targets(registry, GOOD.replace("70", "140")).refusals
    report = RefreshReport(Outcome.DONE, "r1", True, (), {}, refusals)
    assert f"Registry: {refusals[0]}" in list(summary(settings, report, 1.0))


def test_dbt_reads_refused_targets_with_their_message_and_breaks_of_every_area(
    registry: Path,
) -> None:
    with_targets(registry, GOOD, GOOD.replace("70", "140"))
    goals = with_breaks(registry, "handovers_made,,2025-01,Counted anew")
    with duckdb.connect() as connection:
        connection.execute("create schema registry")
        _write_goals(connection, goals)
        targets = connection.execute(
            "select line, indicator_id, target_value, message is null from registry.targets"
        ).fetchall()
        assert targets == [(2, "coping_gain", 70.0, True), (3, "coping_gain", None, False)]
        breaks = connection.execute("from registry.breaks").fetchall()
        assert breaks == [("handovers_made", None, date(2025, 1, 1), "Counted anew")]
