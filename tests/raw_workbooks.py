"""Workbooks written by hand, XML and all, as other programs and hostile people write them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter

from tests.return_files import ReturnFiles

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REFERENCES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def row(number: int, cells: Sequence[str | None]) -> str:
    """A row of text cells (each written into its cell); None is no cell."""
    written = "".join(
        f'<c r="{get_column_letter(column)}{number}" t="inlineStr">'
        f"<is><t>{escape(cell)}</t></is></c>"
        for column, cell in enumerate(cells, start=1)
        if cell is not None
    )
    return f'<row r="{number}">{written}</row>'


def sheet(rows: Iterable[str], before: str = "", main: str = MAIN) -> str:
    """A sheet's XML around its rows; `before` stands between the declaration and the sheet."""
    data = f"<sheetData>{''.join(rows)}</sheetData>"
    return f'{DECLARATION}{before}<worksheet xmlns="{main}">{data}</worksheet>'


def table_rows(files: ReturnFiles, table: str) -> list[str]:
    """A table of a return as rows of a sheet, the header first."""
    rows = files.tables[table]
    return [row(1, list(rows[0]))] + [
        row(number, [cell or None for cell in cells.values()])
        for number, cells in enumerate(rows, start=2)
    ]


def write_raw_workbook(
    path: Path,
    sheets: Mapping[str, str | bytes] = {},
    parts: Mapping[str, str | bytes] = {},
    *,
    workbook: str = "",
    main: str = MAIN,
    references: str = REFERENCES,
) -> Path:
    """A clean return as a workbook. `sheets` replaces the XML of sheets by table, or adds some;
    `parts` replaces or adds other parts by name; `workbook` stands before the list of sheets."""
    files = ReturnFiles()
    all_sheets: dict[str, str | bytes] = {
        table: sheet(table_rows(files, table), main=main) for table in files.tables
    }
    all_sheets.update(sheets)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(all_sheets, start=1)
    )
    referred = "".join(
        f'<Relationship Id="rId{number}" Type="{references}/worksheet" '
        f'Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(all_sheets) + 1)
    )
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{references}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{main}" xmlns:r="{references}">'
        f"{workbook}<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{DECLARATION}<Relationships "
        f'xmlns="{PACKAGE}/relationships">{referred}'
        f'<Relationship Id="s" Type="{references}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="t" Type="{references}/styles" Target="/xl/styles.xml"/>'
        "</Relationships>",
    }
    for number, xml in enumerate(all_sheets.values(), start=1):
        written[f"xl/worksheets/sheet{number}.xml"] = xml
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (written | dict(parts)).items():
            archive.writestr(name, content)
    return path
