"""The data package is one that others' tools accept, with every file that it names."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest
from frictionless import Package, Report

from orchestration.publish.data_files import FILES, published_columns, write_data_package
from tests.published_sample import write_published


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "data"
    return write_published(folder, only=("unit_cost",))


def validated(data: Path) -> Report:
    return Package(str(data / "datapackage.json")).validate()


def test_the_data_package_is_valid_with_all_its_files(data: Path) -> None:
    report = validated(data)
    assert [error.message for error in report.errors] == []
    wrong = {task.name: [error.message for error in task.errors][:2] for task in report.tasks}
    assert wrong == {name: [] for name in (*FILES, "indicators-parquet")}
    assert report.valid


def test_a_cell_of_the_wrong_kind_and_a_changed_file_are_found(data: Path, tmp_path: Path) -> None:
    for path in data.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    areas = tmp_path / "returns.csv"
    areas.write_text(areas.read_text(encoding="utf-8").replace(",1,", ",many,", 1))
    report = validated(tmp_path)
    said = {e.type for task in report.tasks if task.name == "returns" for e in task.errors}
    assert {"type-error", "hash-count"} <= said


def test_the_package_says_every_column_with_its_meaning_and_every_file_with_its_digest(
    data: Path,
) -> None:
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        written = (data / resource["path"]).read_bytes()
        columns = published_columns()[Path(resource["path"]).stem]
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == [column["column"] for column in columns]
        assert all(field["description"] for field in fields)
        if resource["format"] == "csv":
            assert resource["bytes"] == len(written)
            assert resource["hash"] == "sha256:" + hashlib.sha256(written).hexdigest()
            with (data / resource["path"]).open(encoding="utf-8", newline="") as file:
                assert next(csv.reader(file)) == [field["name"] for field in fields]


def test_the_same_files_make_the_same_package(data: Path) -> None:
    before = (data / "datapackage.json").read_bytes()
    write_data_package(data, json.loads(before)["version"])
    assert (data / "datapackage.json").read_bytes() == before
