"""What makes a row usable, where the examples of the rules (test_rule_examples.py) do not say."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration.intake.judge import ReturnToJudge, judge
from orchestration.registry import load_registry
from tests.judging import AS_AT, RULES, judge_one
from tests.return_files import REGISTRY, ReturnFiles

# What is spoilt: table, row (from 0), cells; then every failure that follows: rule and line.
FAULTS: list[tuple[str, tuple[str, int, dict[str, str]], list[tuple[str, int]]]] = [
    (
        "N/A is a value, and a wrong one",
        ("contacts", 0, {"duration_minutes": "N/A"}),
        [("contacts.duration_minutes.type", 2)],
    ),
    (
        "a day that the calendar does not have",
        ("contacts", 1, {"contact_date": "2025-02-30"}),
        [("contacts.contact_date.type", 3)],
    ),
    (
        "a date with a time that is not midnight",
        ("contacts", 1, {"contact_date": "2025-05-06 10:30:00"}),
        [("contacts.contact_date.type", 3)],
    ),
    (
        "an identifier with a space",
        ("contacts", 0, {"contact_id": "C 1"}),
        [("contacts.contact_id.type", 2)],
    ),
    (
        "a link key of 63 digits",
        ("people", 1, {"link_key": "0" * 63}),
        [
            ("people.link_key.type", 3),
            ("person_groups.person_id.reference", 3),
            ("episodes.person_id.reference", 3),
            ("contacts.episode_id.reference", 3),
        ],
    ),
    (
        "pounds with a currency sign",
        ("costs", 0, {"amount_gbp": "£12.00"}),
        [("costs.amount_gbp.type", 2)],
    ),
    (
        "a number with an exponent",
        ("costs", 0, {"amount_gbp": "1e3"}),
        [("costs.amount_gbp.type", 2)],
    ),
    (
        "commas that do not part thousands",
        ("costs", 0, {"amount_gbp": "12,34.00"}),
        [("costs.amount_gbp.type", 2)],
    ),
    (
        "a text over its length",
        ("narratives", 0, {"text": "a" * 2001}),
        [("narratives.text.range", 2)],
    ),
    (
        "a service that is not registered",
        ("costs", 0, {"service_code": "ZZ99-A"}),
        [("costs.service_code.reference", 2)],
    ),
    (
        "an event before its episode",
        ("episodes", 0, {"start_date": "2025-05-10", "referral_date": ""}),
        [
            ("assessments.assessment_date.in_episode", 2),
            ("case_reviews.review_date.in_episode", 2),
            ("contacts.contact_date.in_episode", 2),
            ("handovers.handover_date.in_episode", 2),
        ],
    ),
    (
        "a birth year before 1900 fails both its rules",
        ("people", 1, {"birth_year": "1899"}),
        [
            ("people.birth_year.range", 3),
            ("people.birth_year.plausible", 3),
            ("person_groups.person_id.reference", 3),
            ("episodes.person_id.reference", 3),
            ("contacts.episode_id.reference", 3),
        ],
    ),
]


@pytest.mark.parametrize(
    ("spoilt", "expected"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_is_told_by_every_rule_it_breaks_and_by_no_other(
    spoilt: tuple[str, int, dict[str, str]], expected: list[tuple[str, int]], tmp_path: Path
) -> None:
    table, row, cells = spoilt
    path = ReturnFiles().set(table, row, **cells).write_folder(tmp_path / "return")
    found = [(rule, line) for rule, _, line, _ in judge_one(path, tmp_path / "aside").failures[0]]
    assert sorted(found) == sorted(expected)


def test_a_clean_return_has_no_failure_and_every_row_counts(tmp_path: Path) -> None:
    judged = judge_one(ReturnFiles().write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures == [[]]
    assert judged.judgements[0].identified
    assert not judged.judgements[0].rejected
    assert {table: len(rows) for table, rows in judged.accepted_rows.items()} == {
        table: len(rows) for table, rows in ReturnFiles().tables.items()
    }


@pytest.mark.parametrize("written", ["2025-05-06", "06/05/2025", "2025-05-06 00:00:00"])
def test_a_date_may_be_written_in_three_ways(written: str, tmp_path: Path) -> None:
    files = ReturnFiles().set("contacts", 0, contact_date=written)
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures == [[]]
    assert str(judged.accepted_rows["contacts"][0][3]) == "2025-05-06"


def test_codes_are_compared_without_regard_to_case_and_kept_as_the_list_spells_them(
    tmp_path: Path,
) -> None:
    files = ReturnFiles().set("contacts", 0, attendance="ATTENDED", episode_id="E1")
    files.set("people", 0, gp_registered="y").set("costs", 0, service_code="ab01-a")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures == [[]]
    assert judged.accepted_rows["contacts"][0][5] == "attended"
    assert judged.accepted_rows["people"][0][-1] == "Y"
    assert judged.accepted_rows["costs"][0][2] == "AB01-A"


def test_the_first_row_with_a_key_stands_and_the_later_ones_are_excluded(tmp_path: Path) -> None:
    files = ReturnFiles().add("contacts", 0, purpose="social").add("contacts", 0)
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert [(rule, line) for rule, _, line, _ in judged.failures[0]] == [
        ("contacts.contact_id.key", 4),
        ("contacts.contact_id.key", 5),
    ]
    assert [row[1] for row in judged.accepted_rows["contacts"]] == ["C1", "C2"]


def test_a_key_of_several_fields_is_told_at_its_first_field(tmp_path: Path) -> None:
    files = ReturnFiles().add("person_groups", 0, inclusion_group="HOMELESS")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures[0] == [("person_groups.person_id.key", "person_groups", 4, "person_id")]


def test_a_row_of_another_shape_is_judged_by_no_other_rule(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    with (path / "contacts.csv").open("a") as file:
        file.write("C1,E9,nonsense\r\nC3,E1,2025-05-06,clinic,attended,,,,, ,\r\n")
    judged = judge_one(path, tmp_path / "aside")
    assert judged.failures[0] == [("contacts.row.shape", "contacts", 4, None)]
    assert len(judged.accepted_rows["contacts"]) == 3


def test_every_failing_rule_of_a_row_is_told_not_only_the_first(tmp_path: Path) -> None:
    files = ReturnFiles().set(
        "contacts", 0, attendance="", contact_type="x", duration_minutes="-1", episode_id="E9"
    )
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert {rule for rule, *_ in judged.failures[0]} == {
        "contacts.attendance.required",
        "contacts.contact_type.code",
        "contacts.duration_minutes.range",
        "contacts.episode_id.reference",
    }


def test_the_line_told_is_the_line_of_the_file_on_which_the_record_starts(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    header, first, second = (path / "contacts.csv").read_text().splitlines()
    broken = second.replace("housing", '"hou\n\nsing"')
    (path / "contacts.csv").write_text(
        "\n".join(["", header, "", broken, ",,,,,,,", first.replace("clinic", "clinik")])
    )
    judged = judge_one(path, tmp_path / "aside")
    # 1 blank, 2 header, 3 blank, 4 to 6 the broken record, 7 nothing but commas, 8 the last
    assert judged.failures[0] == [
        ("contacts.contact_type.code", "contacts", 8, "contact_type"),
        ("contacts.purpose.code", "contacts", 4, "purpose"),
    ]


def test_a_value_that_could_tell_a_person_is_not_repeated(tmp_path: Path) -> None:
    # 943 476 5919 is the NHS's own example of a valid number.
    files = ReturnFiles().set("narratives", 0, text="My number is 943 476 5919.")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.values[0] == {"narratives.text.personal_data": None}


def test_an_identifier_that_is_a_valid_nhs_number_rejects_the_whole_return(tmp_path: Path) -> None:
    files = ReturnFiles().set("contacts", 0, contact_id="9434765919")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures[0] == [
        ("people.person_id.personal_data", "contacts", None, "contact_id")
    ]
    assert judged.judgements[0].rejected


def test_returns_judged_together_are_judged_as_if_alone(tmp_path: Path) -> None:
    # Without rows in some tables, which once gave a return the rows of its neighbour.
    first = ReturnFiles().set("contacts", 0, attendance="").write_folder(tmp_path / "a")
    bare = ReturnFiles().write_folder(tmp_path / "b")
    for table in ("contacts", "narratives", "costs"):
        header = (bare / f"{table}.csv").read_text().splitlines()[0]
        (bare / f"{table}.csv").write_text(header + "\n")
    third = ReturnFiles().set("people", 1, gender="7").write_zip(tmp_path / "c.zip")
    together = judge_one_by_one = None
    from tests.judging import judge_paths

    together = judge_paths([first, bare, third], tmp_path / "aside").failures
    judge_one_by_one = [
        judge_one(path, tmp_path / "aside").failures[0] for path in (first, bare, third)
    ]
    assert together == judge_one_by_one


def test_stays_that_overlap_by_more_than_a_day_are_told_at_the_later_row(tmp_path: Path) -> None:
    stay = {"start_date": "2025-05-01", "end_date": "2025-05-10", "end_reason": "planned_move"}
    files = ReturnFiles().set("stays", 0, **stay)
    files.add("stays", stay_id="Y2", start_date="2025-05-10", end_date="2025-05-20")
    files.add("stays", stay_id="Y3", start_date="2025-05-19", end_date="")
    files.add("stays", stay_id="Y4", episode_id="E2", start_date="2025-05-01", end_date="")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    # Y2 begins on the day on which Y1 ends; Y3 shares the 19th and 20th with Y2; E2 is another's
    assert judged.failures[0] == [("stays.start_date.overlap", "stays", 4, "start_date")]


def test_a_link_key_that_two_persons_share_is_told_at_the_later_and_not_repeated(
    tmp_path: Path,
) -> None:
    files = ReturnFiles().set("people", 1, link_key=f"{1:064X}")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures[0] == [("people.link_key.shared", "people", 3, "link_key")]
    assert judged.values[0] == {"people.link_key.shared": None}


def test_a_group_in_a_row_of_another_shape_is_no_group(tmp_path: Path) -> None:
    path = ReturnFiles().write_folder(tmp_path / "return")
    lines = (path / "person_groups.csv").read_text().splitlines()
    lines[2] += ",stray"
    (path / "person_groups.csv").write_text("\n".join(lines))
    judged = judge_one(path, tmp_path / "aside")
    assert [(rule, line) for rule, _, line, _ in judged.failures[0]] == [
        ("people.person_groups.present", 3),
        ("person_groups.row.shape", 3),
    ]


def test_a_person_without_a_group_that_counts_is_told(tmp_path: Path) -> None:
    files = ReturnFiles().set("person_groups", 1, inclusion_group="?")
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert [(rule, line) for rule, _, line, _ in judged.failures[0]] == [
        ("people.person_groups.present", 3),
        ("person_groups.inclusion_group.code", 3),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "refs 1234567890 9434765919",
        "1234567890,9434765919",
        "number 943\u00a0476\u00a05919 it was",
        "943-476-5919",
        "ring (01604) 123456",
        "ring 01604.123.456 now",
        "ring +44 (0)1604 123456",
        "write to someone@example.org.uk please",
        "lives at NN1 1AA now",
        "born on 3 May 1980, she said",
        "born 03/05/1980",
    ],
)
def test_personal_data_in_a_narrative_is_found_however_it_is_written(
    text: str, tmp_path: Path
) -> None:
    files = ReturnFiles().set("narratives", 0, text=text)
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert [rule for rule, *_ in judged.failures[0]] == ["narratives.text.personal_data"]


@pytest.mark.parametrize(
    "text",
    [
        "Ref 1234567890 is no NHS number.",
        "In May 2025 he moved; 12 weeks later, on 3 May, he had a home.",
        "She waited 24 hours on ward B12 and paid 1,200 pounds.",
    ],
)
def test_plain_words_and_numbers_are_no_personal_data(text: str, tmp_path: Path) -> None:
    files = ReturnFiles().set("narratives", 0, text=text)
    judged = judge_one(files.write_folder(tmp_path / "return"), tmp_path / "aside")
    assert judged.failures == [[]]


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("assessments", "score", "1" + "0" * 30, "assessments.score.range"),
        ("assessments", "score", "-" + "9" * 40 + ".5", "assessments.score.range"),
        ("contacts", "duration_minutes", "99999999999999999999", "contacts.duration_minutes.range"),
        ("people", "birth_year", "-99999999999999999999", "people.birth_year.range"),
        ("people", "birth_year", "99999999999999999999", "people.birth_year.plausible"),
        ("costs", "amount_gbp", "9" * 25, "costs.amount_gbp.range"),
    ],
)
def test_a_number_of_any_size_reads_as_a_number(
    tmp_path: Path, table: str, column: str, value: str, rule: str
) -> None:
    files = ReturnFiles().set(table, 0, **{column: value})
    judged = judge_one(files.write_zip(tmp_path / "may.zip"), tmp_path / "aside")
    assert rule in {found for found, *_ in judged.failures[0]}
    assert not any(found == f"{table}.{column}.type" for found, *_ in judged.failures[0])
    assert judged.values[0][rule] == value


@pytest.mark.parametrize("number", ["9434765919", "943 476 5919", "943-476-5919"])
def test_no_failure_tells_an_nhs_number(tmp_path: Path, number: str) -> None:
    files = ReturnFiles().set("people", 0, person_id=number).set("episodes", 0, person_id=number)
    files.add("people", 0).set("contacts", 0, attendance=number)
    path = files.write_zip(tmp_path / "may.zip")
    with duckdb.connect() as connection:
        judge(
            connection, [ReturnToJudge(path, "AB01")], RULES, load_registry(REGISTRY), AS_AT,
            tmp_path / "aside",
        )  # fmt: skip
        told = connection.execute("select value, message from failures").fetchall()
    assert told
    assert not any(number in str(text) for row in told for text in row)
    assert any("(an NHS number)" in message for _, message in told)
