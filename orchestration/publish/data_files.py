"""The published data files: the published tables, as CSV and Parquet, with a data package.

Which columns they have, and what each means, is stated in `seeds/catalogue/published_columns.csv`.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import duckdb

from expectations.rules.sql import literal, name
from orchestration.facts import SEEDS, FactsError
from orchestration.spreadsheets import safe_cell_sql

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
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for file, (table, order) in FILES.items():
            wanted = ", ".join(
                f"{safe_cell_sql(name(column['column']))} as {name(column['column'])}"
                if column["column"] in WRITTEN_BY_OTHERS.get(file, ())
                else name(column["column"])
                for column in columns[file]
            )
            query = f"select {wanted} from marts.{table} order by {order}"
            target = literal(str(folder / f"{file}.csv"))
            connection.execute(f"copy ({query}) to {target} (format csv, header true)")
            if file == "indicators":
                target = literal(str(folder / "indicators.parquet"))
                connection.execute(f"copy ({query}) to {target} (format parquet, compression zstd)")
    package = {
        "name": "inclusion-outcomes",
        "title": "Inclusion Outcomes: indicators of inclusion health services",
        "version": release,
        "licenses": [LICENCE],
        "resources": [
            *(_resource(file, columns[file]) for file in FILES),
            _resource("indicators", columns["indicators"])
            | {
                "name": "indicators-parquet",
                "path": "indicators.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
            },
        ],
    }
    (folder / "datapackage.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")


def _resource(file: str, columns: list[dict[str, str]]) -> dict[str, object]:
    return {
        "name": file,
        "title": TITLES[file],
        "path": f"{file}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [
                {
                    "name": column["column"],
                    "type": column["type"],
                    "description": column["description"],
                }
                for column in columns
            ],
            "missingValues": [""],
        },
    }
