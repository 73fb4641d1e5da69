"""What the last audit answered is taken from there where it still holds, and found out anew where
not: the findings are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame
from pandas.testing import assert_frame_equal

from orchestration.disclosure import audit as auditing
from orchestration.disclosure.audit import audit
from orchestration.disclosure.digests import of_audit
from orchestration.disclosure.geography import Geography
from orchestration.disclosure.kept import INDEX, KeptAnswers
from orchestration.disclosure.linked import Link
from orchestration.disclosure.part import FINDINGS, Part, answers, findings
from orchestration.disclosure.protect import Policy
from orchestration.disclosure.sums import Subject
from orchestration.private import OTHERS

POLICY = Policy(smallest=5, possible=3)
GEOGRAPHY = Geography(
    DataFrame(
        {
            "provider": ["A", "B", "C", "D"],
            "place": ["P", "Q", "R", "R"],
            "local_authority": ["L", "L", "M", "M"],
            "system": ["S", "S", "S", "S"],
            "tier": ["2", "2", "2", "2"],
        }
    )
)
ENDLESS = np.inf
# The counts of providers A, B, C and D, and those of two quiet months.
FEW, OTHER = (5, 1, 1, 9), (6, 2, 7, 3)


def part(name: str, counts: tuple[int, ...]) -> Part:
    """Counts of one month by area, as rounded to 5 and hidden below 5, and never told before."""
    a, b, c, d = counts
    areas = {
        ("system", "S"): a + b + c + d,
        ("local_authority", "L"): a + b,
        ("local_authority", "M"): c + d,
        ("place", "P"): a,
        ("place", "Q"): b,
        ("place", "R"): c + d,
        **{("provider", name): count for name, count in zip("ABCD", counts, strict=True)},
    }
    exact = np.array(list(areas.values()), dtype=float)
    is_shown = exact >= 5
    rounded = (exact + 2) // 5 * 5
    rows = DataFrame(
        {
            "subject": name,
            "period_type": "month",
            "period_start": pd.Timestamp("2025-05-01"),
            "area_type": [area_type for area_type, _ in areas],
            "area_code": [area for _, area in areas],
            "breakdown_type": "all",
            "breakdown_value": "all",
            "exact": exact,
            "is_shown": is_shown,
            "least": np.where(is_shown, np.maximum(5, rounded - 2), 1.0),
            "most": np.where(is_shown, rounded + 2, np.nan),
            "hidden_least": 1.0,
            "hidden_most": np.nan,
            "last_least": np.nan,
            "last_most": np.nan,
        }
    )
    return Part([Subject(name, "sum", "sum")], [], rows)


def audited(parts: list[Part], kept: KeptAnswers | None = None) -> DataFrame:
    found = pd.concat(audit(parts, GEOGRAPHY, POLICY, kept), ignore_index=True).astype(FINDINGS)
    return found.sort_values(["subject", "area_type", "area_code"], ignore_index=True)


def told(of: Part, least: np.ndarray, most: np.ndarray) -> Part:
    """The part after earlier releases told these ends of its counts (0 and infinite for none)."""
    claims = of.claims.assign(
        last_least=np.where(least > 0, least, np.nan),
        last_most=np.where(np.isfinite(most), most, np.nan),
    )
    return Part(of.subjects, of.links, claims)


def after_release(of: Part) -> Part:
    """The part at the next audit: this release told what is shown, and not hidden further."""
    found = answers(of, GEOGRAPHY, POLICY)
    is_told = of.claims["is_shown"] & ~found["is_suppressed_further"]
    least = np.where(is_told, of.claims["least"], 1.0)
    return told(of, least, np.where(is_told, of.claims["most"], ENDLESS))


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The subjects that are worked out, each time that one is."""
    worked_out: list[str] = []

    def counted(part: Part, *others: object, **options: object) -> DataFrame:
        worked_out.append(part.subjects[0].name)
        return answers(part, *others, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(auditing, "answers", counted)
    return worked_out


def test_kept_answers_give_the_same_findings_without_work(tmp_path: Path, anew: list[str]) -> None:
    parts = [part("contacts", FEW), part("visits", OTHER)]
    fresh = audited(parts)
    assert fresh["is_suppressed_further"].any()
    first = audited(parts, KeptAnswers(tmp_path / "audit"))
    anew.clear()
    again = audited(parts, KeptAnswers(tmp_path / "audit"))
    assert anew == []
    assert_frame_equal(first, fresh)
    assert_frame_equal(again, fresh)


def test_a_changed_claim_is_audited_anew_and_others_are_not(
    tmp_path: Path, anew: list[str]
) -> None:
    audited([part("contacts", FEW), part("visits", OTHER)], KeptAnswers(tmp_path))
    anew.clear()
    changed = [part("contacts", (5, 1, 1, 8)), part("visits", OTHER)]
    found = audited(changed, KeptAnswers(tmp_path))
    assert anew == ["contacts"]
    assert_frame_equal(found, audited(changed))


def test_the_order_in_which_texts_are_known_changes_nothing(
    tmp_path: Path, anew: list[str]
) -> None:
    as_texts = part("contacts", FEW)
    audited([as_texts], KeptAnswers(tmp_path))
    anew.clear()
    areas = pd.CategoricalDtype(["S", "unknown", *"QPRLMDCBA"])
    as_numbers = as_texts.claims.assign(area_code=as_texts.claims["area_code"].astype(areas))
    found = audited([Part(as_texts.subjects, [], as_numbers)], KeptAnswers(tmp_path))
    assert anew == []
    assert_frame_equal(found, audited([as_texts]))


@pytest.mark.parametrize("how", ["cut off", "one byte changed", "empty"])
def test_a_damaged_file_is_not_believed(tmp_path: Path, anew: list[str], how: str) -> None:
    parts = [part("contacts", FEW), part("visits", OTHER)]
    fresh = audited(parts, KeptAnswers(tmp_path))
    damaged = sorted(tmp_path.iterdir())[0]
    content = damaged.read_bytes()
    middle = len(content) // 2
    damaged.write_bytes(
        {
            "cut off": content[:middle],
            "one byte changed": content[:middle]
            + bytes([content[middle] ^ 1])
            + content[middle + 1 :],
            "empty": b"",
        }[how]
    )
    anew.clear()
    assert_frame_equal(audited(parts, KeptAnswers(tmp_path)), fresh)
    assert len(anew) == 1
    assert damaged.read_bytes() == content


def test_answers_are_nobodys_but_the_operators(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    audited([part("contacts", FEW)], KeptAnswers(folder))
    files = list(folder.iterdir())
    assert len(files) == 2
    assert [path for path in (folder, *files) if path.stat().st_mode & OTHERS] == []


def test_what_an_audit_had_no_use_for_is_removed(tmp_path: Path) -> None:
    audited([part("contacts", FEW), part("visits", OTHER)], KeptAnswers(tmp_path))
    (tmp_path / "unfinished").write_bytes(b"of a night that broke off")
    audited([part("contacts", FEW)], KeptAnswers(tmp_path))
    assert len(list(tmp_path.glob("*.parquet"))) == 1
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".parquet"} == {INDEX}


def test_what_a_release_told_itself_asks_for_no_new_audit(tmp_path: Path, anew: list[str]) -> None:
    one = part("contacts", FEW)
    audited([one], KeptAnswers(tmp_path))
    later = after_release(one)
    fresh = audited([later])
    anew.clear()
    assert_frame_equal(audited([later], KeptAnswers(tmp_path)), fresh)
    assert_frame_equal(audited([after_release(later)], KeptAnswers(tmp_path)), fresh)
    assert anew == []


def test_what_an_earlier_release_told_beyond_that_is_looked_at(
    tmp_path: Path, anew: list[str]
) -> None:
    one = part("contacts", FEW)
    found = audited([one], KeptAnswers(tmp_path))
    hidden = found.loc[found["is_suppressed_further"], "area_code"]
    # One of those that are hidden further was shown once.
    was_shown = (one.claims["area_code"] == hidden.iloc[0]).to_numpy()
    later = told(
        one,
        np.where(was_shown, one.claims["least"], 0.0),
        np.where(was_shown, one.claims["most"], ENDLESS),
    )
    fresh = audited([later])
    assert not fresh.equals(found)
    anew.clear()
    assert_frame_equal(audited([later], KeptAnswers(tmp_path)), fresh)
    assert anew == ["contacts"]
    # What was told is taken back with its release.
    assert_frame_equal(audited([one], KeptAnswers(tmp_path)), found)


OF_ALL = of_audit(GEOGRAPHY, POLICY)


def named(of: Part, key: str) -> Part:
    return Part(of.subjects, of.links, of.claims, key)


def carries(folder: Path, key: str, told_last: str | None, of_all: bytes = OF_ALL) -> bool:
    return KeptAnswers(folder, "later", told_last).can_carry(key, of_all)


def test_a_part_is_carried_from_the_audit_of_the_release_that_was_told_last(tmp_path: Path) -> None:
    audited([named(part("contacts", FEW), "2025 contacts")], KeptAnswers(tmp_path, "first"))
    assert carries(tmp_path, "2025 contacts", "first")
    # Another part, another release, none at all, or other services or rules.
    assert not carries(tmp_path, "2024 contacts", "first")
    assert not carries(tmp_path, "2025 contacts", "another")
    assert not carries(tmp_path, "2025 contacts", None)
    other = of_audit(Geography(GEOGRAPHY.services.iloc[:3]), POLICY)
    assert not carries(tmp_path, "2025 contacts", "first", other)


def test_what_is_carried_stays_kept_for_the_next_audit(tmp_path: Path, anew: list[str]) -> None:
    one = named(part("contacts", FEW), "2025 contacts")
    audited([one], KeptAnswers(tmp_path, "first"))
    for before, release in [("first", "second"), ("second", "third")]:
        kept = KeptAnswers(tmp_path, release, before)
        assert kept.can_carry(one.key, OF_ALL)
        list(audit([], GEOGRAPHY, POLICY, kept))
    anew.clear()
    audited([one], KeptAnswers(tmp_path, "fourth"))
    assert anew == []


def test_nothing_is_carried_without_its_answers_or_from_an_index_that_is_damaged(
    tmp_path: Path,
) -> None:
    one = named(part("contacts", FEW), "2025 contacts")
    audited([one], KeptAnswers(tmp_path, "first"))
    (answers_file,) = tmp_path.glob("*.parquet")
    content = answers_file.read_bytes()
    answers_file.unlink()
    assert not carries(tmp_path, one.key, "first")
    answers_file.write_bytes(content)
    assert carries(tmp_path, one.key, "first")
    (tmp_path / INDEX).write_text('{"release_id": "fir', encoding="utf-8")
    assert not carries(tmp_path, one.key, "first")


def after_two_releases(one: Part) -> Part:
    """The part, once two releases have told what their audits left shown of it."""
    for _ in range(2):
        told_now = after_release(one).claims
        one = told(
            one,
            np.maximum(one.claims["last_least"].fillna(0), told_now["last_least"]),
            np.minimum(
                one.claims["last_most"].fillna(ENDLESS), told_now["last_most"].fillna(ENDLESS)
            ),
        )
    return one


def test_linked_counts_are_carried_and_are_what_a_new_audit_finds(tmp_path: Path) -> None:
    whole, some = part("visits", (9, 6, 7, 12)), part("contacts", FEW)
    claims = pd.concat([some.claims, whole.claims], ignore_index=True)
    links = [Link("contacts", "visits")]
    one = Part([*some.subjects, *whole.subjects], links, claims, "2025 contacts, visits")
    found = audited([one], KeptAnswers(tmp_path, "first"))
    assert found["is_suppressed_further"].any()
    assert carries(tmp_path, one.key, "first")
    assert_frame_equal(audited([after_two_releases(one)]), found)


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.integers(0, 9)] * 4), st.data())
def test_what_can_be_carried_is_what_a_new_audit_finds_after_its_own_release(
    tmp_path_factory: pytest.TempPathFactory, counts: tuple[int, ...], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    one = named(part("contacts", counts), "2025 contacts")
    # Something may have been told before the first of these releases.
    exact = one.claims["exact"].to_numpy()
    was_told = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(exact), max_size=len(exact)))
    )
    one = named(
        told(one, np.where(was_told, exact - 1, 0.0), np.where(was_told, exact + 1, ENDLESS)),
        one.key,
    )
    found = audited([one], KeptAnswers(folder, "first"))
    if carries(folder, one.key, "first"):
        assert_frame_equal(audited([after_two_releases(one)]), found)


@settings(max_examples=30, deadline=None)
@given(st.tuples(*[st.integers(0, 9)] * 4), st.data())
def test_whatever_was_told_before_kept_findings_are_those_of_a_new_audit(
    tmp_path_factory: pytest.TempPathFactory, counts: tuple[int, ...], data: st.DataObject
) -> None:
    one = part("contacts", counts)
    folder = tmp_path_factory.mktemp("audit")
    claims = one.claims
    shown = claims["least"].to_numpy(), claims["most"].fillna(ENDLESS).to_numpy()
    exact = claims["exact"].to_numpy()
    least, most = np.zeros(len(claims)), np.full(len(claims), ENDLESS)
    for _ in range(3):
        one = told(one, least, most)
        fresh = answers(one, GEOGRAPHY, POLICY)
        (found,) = audit([one], GEOGRAPHY, POLICY, KeptAnswers(folder))
        assert_frame_equal(found.astype(FINDINGS), findings(one, fresh).astype(FINDINGS))
        # Of each count the next one knows what it showed, perhaps, and perhaps something else: that
        # it is there, about what it is, or nothing any more.
        ordinary = ["no more", "shown"]
        others = data.draw(st.sampled_from([[], [], ["there"], ["there", "it", "nothing"]]))
        kinds = st.sampled_from([*ordinary, *ordinary, *others])
        told_how = np.array(data.draw(st.lists(kinds, min_size=len(exact), max_size=len(exact))))
        may_show = claims["is_shown"].to_numpy() & ~fresh["is_suppressed_further"].to_numpy()
        least = np.select(
            [told_how == "nothing", (told_how == "shown") & may_show, told_how == "it"],
            [0.0, np.maximum(least, shown[0]), np.maximum(least, exact - 1)],
            np.where(told_how == "there", np.maximum(least, np.minimum(exact, 1)), least),
        )
        most = np.select(
            [told_how == "nothing", (told_how == "shown") & may_show, told_how == "it"],
            [ENDLESS, np.minimum(most, shown[1]), np.minimum(most, exact + 1)],
            most,
        )


def test_another_process_finds_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(auditing, "WORTH_A_PROCESS", 0)
    monkeypatch.setattr(auditing.os, "cpu_count", lambda: 2)
    parts = [part("contacts", FEW), part("visits", OTHER), part("calls", (5, 2, 7, 3))]
    found = audited(parts, KeptAnswers(tmp_path))
    monkeypatch.setattr(auditing.os, "cpu_count", lambda: 1)
    assert_frame_equal(found, audited(parts))
