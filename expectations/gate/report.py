"""The operator's report: an overview, and Great Expectations' Data Docs behind it.

The pages as Great Expectations writes them load styles, scripts and a logo from half a dozen
places on the internet, and its own overview is empty without them. An operator may have no way
out, and nobody outside need learn that the gate's report was opened. So all of that is taken out
of the pages, and the overview is one of ours.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from expectations.gate.interface import CheckResult

# What a report consists of. Only these are ever taken away, whatever folder is given.
PARTS = ("expectations", "validations", "static", "index.html")

_FROM_ELSEWHERE = re.compile(
    r"<script\b.*?</script>"  # no page needs one once its tables are plain
    r"|<(?:link|img)\b[^>]*>"
    r"|<footer\b.*?</footer>"
    r"|url\((['\"]?)https?://[^)]*\1\)",
    re.DOTALL | re.IGNORECASE,
)
_STYLE = """<style>
body { font-family: sans-serif; line-height: 1.4; margin: 1rem auto; max-width: 70rem }
table { border-collapse: collapse; margin: 0.5rem 0 }
td, th { border: 1px solid #768692; padding: 0.25rem 0.5rem; text-align: left }
.container-fluid > .row > .col-lg-2, .cooltip .top { display: none }
.fa-check-circle::before { content: "met" }
.fa-times::before { content: "broken" }
</style></head>"""
_OVERVIEW = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>The gate: {verdict}</title></head>
<body><h1>The gate: {verdict}</h1>
<p>Release {release_id}. {broken} of {total} expectations are broken. {how_much}</p>
{suites}
</body></html>
"""
_SUITE = """<h2 id="{name}">{name}</h2>
<table><tr><th>Result</th><th>Expectation</th><th>Found</th></tr>
{rows}</table>
<p>In detail: {links}</p>"""


def site(folder: Path) -> dict[str, Any]:
    """The configuration of the one Data Docs site, written to `folder`."""
    return {
        "gate": {
            "class_name": "SiteBuilder",
            "site_name": "The gate",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder.resolve()),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
    }


def clear(folder: Path) -> None:
    """Takes an earlier report out of the folder, and nothing else."""
    for part in PARTS:
        path = folder / part
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def finish(folder: Path, results: Sequence[CheckResult], release_id: str, how_much: str) -> None:
    """Puts the overview in front of the Data Docs in the folder, and takes out of every page
    whatever would be fetched from elsewhere. `how_much` is a sentence on what was judged."""
    # Megabytes of pictures and fonts that no page refers to any more.
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / "index.html").write_text(
        _overview(folder, results, release_id, how_much), encoding="utf-8"
    )
    for path in folder.rglob("*.html"):
        page = _FROM_ELSEWHERE.sub("", path.read_text(encoding="utf-8"))
        path.write_text(page.replace("</head>", _STYLE, 1), encoding="utf-8")


def _overview(folder: Path, results: Sequence[CheckResult], release_id: str, how_much: str) -> str:
    broken = sum(not result.success for result in results)
    names = dict.fromkeys(result.suite for result in results)
    return _OVERVIEW.format(
        verdict="refused" if broken else "passed",
        release_id=escape(release_id),
        broken=broken,
        total=len(results),
        how_much=escape(how_much),
        suites="\n".join(
            _suite(folder, name, [each for each in results if each.suite == name]) for name in names
        ),
    )


def _suite(folder: Path, name: str, results: Sequence[CheckResult]) -> str:
    pages = {
        path.parts[1]: path.as_posix()
        for path in sorted(
            each.relative_to(folder) for each in (folder / "validations").rglob("*.html")
        )
        if path.parts[1] == name or path.parts[1].startswith(f"{name}_")
    }
    return _SUITE.format(
        name=name,
        rows="".join(
            f"<tr><td>{'met' if each.success else '<strong>broken</strong>'}</td>"
            f"<td>{escape(each.expectation)}</td><td>{escape(each.found)}</td></tr>\n"
            for each in results
        ),
        links=", ".join(f'<a href="{escape(path)}">{page}</a>' for page, path in pages.items())
        or "nothing was asked",
    )
