"""The published data files: the published tables, as CSV and Parquet, with a data package.

Which columns they have, and what each means, is stated in `seeds/catalogue/published_columns.csv`.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from pathlib import Path

from expectations.rules.sql import literal, name
from orchestration.facts import SEEDS, FactsError
from orchestration.private import close_to_others
from orchestration.spreadsheets import safe_cell_sql
from orchestration.transform.warehouse import read

# Each published file, the table of the warehouse's schema `marts` it holds, and the columns that
# put its rows in order.
FILES = {
    "indicators": (
        "published_indicators",
        "domain, indicator_id, period_type, period_start, area_type, area_code, "
        "breakdown_type, breakdown_value",
    ),
    "catalogue": ("published_catalogue", "domain, indicator_id"),
    "areas": ("published_areas", "area_type, area_code"),
    "returns": ("published_returns", "provider_code, period"),
    "comparisons": (
        "published_comparisons",
        "indicator_id, period_type, period_start, area_type, area_code",
    ),
    "funnels": ("published_funnels", "indicator_id, period_type, period_start, area_code"),
    "funnel_limits": (
        "published_funnel_limits",
        "indicator_id, period_type, period_start, benchmark_area_code, denominator",
    ),
    "changes": ("published_changes", "indicator_id, area_type, area_code, period_start"),
    "change_verdicts": ("published_change_verdicts", "indicator_id, area_type, area_code"),
    "targets": ("published_targets", "line"),
    "inequalities": (
        "published_inequalities",
        "indicator_id, period_type, period_start, area_type, area_code, "
        "breakdown_type, breakdown_value",
    ),
    "coverage": (
        "published_coverage",
        "indicator_id, period_type, period_start, area_type, area_code",
    ),
    "narratives": ("published_narratives", "domain, period desc, narrative"),
    "revisions": (
        "published_revisions",
        "indicator_id, period_type, period_start, area_type, area_code, "
        "breakdown_type, breakdown_value",
    ),
}
# Columns of words that others wrote, by file: a spreadsheet must not compute them.
WRITTEN_BY_OTHERS = {"narratives": ("text",)}
LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence 3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
TITLES = {
    "indicators": "Every indicator, period, area and breakdown, from protected counts",
    "catalogue": "What each indicator is and what it rests on",
    "areas": "Systems, local authorities, places and providers",
    "returns": "Returns expected, received, in effect and rejected",
    "comparisons": "Each area's figure against the whole system's",
    "funnels": "Where each provider stands in the funnel of each proportion and rate",
    "funnel_limits": "The control limits of each funnel along its denominators",
    "changes": "Each month on its control chart",
    "change_verdicts": "Whether each monthly figure is changing, in words",
    "targets": "Targets, where a straight line would have each by now, and where it is",
    "inequalities": "Gaps and ratios between each group and everyone",
    "coverage": "Which returns are missing from a figure, and how far it could move",
    "narratives": "Words of people and staff, by domain, month and local authority",
    "revisions": "Every figure that differs from the last release, and why",
}


def published_columns(seeds: Path = SEEDS) -> dict[str, list[dict[str, str]]]:
    """The columns of each published file, in order: column, type and description.

    Raises FactsError where a file is described that is not published, or the other way round.
    """
    columns: dict[str, list[dict[str, str]]] = defaultdict(list)
    path = seeds / "catalogue" / "published_columns.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            columns[row.pop("table")].append(row)
    if set(columns) != set(FILES):
        raise FactsError(f"{path.name} and the published files differ: {set(columns) ^ set(FILES)}")
    return dict(columns)


def write_data_files(warehouse: Path, folder: Path, release: str) -> None:
    """Writes a CSV file for each of `FILES`, indicators.parquet and datapackage.json.

    `warehouse` is opened for reading only.
    """
    folder.mkdir(parents=True)
    columns = published_columns()
    with read(warehouse) as connection:
        for file, (table, order) in FILES.items():
            wanted = ", ".join(
                f"{safe_cell_sql(name(column['column']))} as {name(column['column'])}"
                if column["column"] in WRITTEN_BY_OTHERS.get(file, ())
                else name(column["column"])
                for column in columns[file]
            )
            query = f"select {wanted} from marts.{table} order by {order}"
            if file == "indicators":
                target = literal(str(folder / "indicators.parquet"))
                connection.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
                # Its rows are put in order once, of all the tables' the longest work.
                query = f"from read_parquet({target})"
            target = literal(str(folder / f"{file}.csv"))
            connection.execute(f"copy ({query}) to {target} (format csv, header true)")
    write_data_package(folder, release)


def write_data_package(folder: Path, release: str) -> None:
    """Writes datapackage.json beside the published files of `folder`: a Frictionless Data Package
    that says of each what it holds and, by size and SHA-256, whether a copy is whole."""
    columns = published_columns()
    package = {
        "name": "inclusion-outcomes",
        "title": "Inclusion Outcomes: indicators of inclusion health services",
        "version": release,
        "licenses": [LICENCE],
        "resources": [
            *(_resource(folder / f"{file}.csv", columns[file]) for file in FILES),
            _parquet_resource(folder / "indicators.parquet", columns["indicators"]),
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")


def _contents(path: Path) -> dict[str, object]:
    """The size and the digest of a file, as a data package tells them."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"bytes": path.stat().st_size, "hash": f"sha256:{digest}"}


def _resource(path: Path, columns: list[dict[str, str]]) -> dict[str, object]:
    return {
        "name": path.stem,
        "title": TITLES[path.stem],
        "path": path.name,
        **_contents(path),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _schema(columns, [""]),
    }


def write_told_counts(warehouse: Path, file: Path) -> None:
    """What the releases so far tell of each count, for the next release's audit; no reader's.

    As the rows lie: to put a region's thirteen million in order takes three times as long as to
    write them, and a file in order is a tenth smaller.
    """
    with read(warehouse) as connection:
        connection.execute(f"copy marts.told_counts to '{file}' (format parquet)")
    close_to_others(file)


def _parquet_resource(path: Path, columns: list[dict[str, str]]) -> dict[str, object]:
    return {
        "name": f"{path.stem}-parquet",
        "title": TITLES[path.stem],
        # No size and digest: frictionless counts no bytes of a file that is not text.
        "path": path.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        # A number that is not there is read as "nan" by programs that go through pandas.
        "schema": _schema(columns, ["", "nan"]),
    }


def _schema(columns: list[dict[str, str]], missing: list[str]) -> dict[str, object]:
    fields = [
        {
            "name": column["column"],
            "type": column["type"],
            "description": column["description"],
        }
        for column in columns
    ]
    return {"fields": fields, "missingValues": missing}
