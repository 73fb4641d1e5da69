"""From Vega-Lite specifications to small SVGs, on every processor.

Converting runs JavaScript inside this process, one chart at a time whatever threads there are, so
work is shared out to processes: `python -m orchestration.publish.drawing PROCESS`, PROCESS being
the one that asks, reads a JSON list of specifications and writes a JSON list of drawings. Nothing
of a page is known here, and Altair, which takes a second to import, is not needed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from xml.etree import ElementTree

from orchestration.child import end_with_parent

FONT_SIZE = 13
SVG = "{http://www.w3.org/2000/svg}"
# Below this many charts a second process costs more than it saves.
WORTH_A_PROCESS = 12
NUMBERS = re.compile(r"-?\d*\.\d+")
ROUNDED = ("d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height")
# What Vega writes that says nothing, or that the page says once for the whole drawing.
SILENT = {
    "opacity": "1",
    "stroke-width": "1",
    "stroke-miterlimit": "10",
    "font-weight": "normal",
    "font-size": f"{FONT_SIZE}px",
    "fill-opacity": "1",
    "stroke-opacity": "1",
    "transform": "translate(0,0)",
    "x2": "0",
    "y2": "0",
}
DROPPED = ("role", "pointer-events", "cursor", "font-family", "stroke-linecap")
MARK_CLASS = re.compile(r"(\w+)_marks$")
# The variable that names the list of a machine's fonts, and a list of none.
FONTS = "FONTCONFIG_FILE"
NO_FONTS = "<fontconfig><dir>{folder}</dir></fontconfig>"


@dataclass(frozen=True)
class Drawing:
    """A chart as SVG elements without the `svg` element itself, and its size in pixels."""

    width: int
    height: int
    body: str


def _rounded(match: re.Match[str]) -> str:
    """A tenth of a pixel is as fine as anybody sees."""
    return f"{round(float(match[0]), 1) + 0:g}"


def _prune(element: ElementTree.Element) -> bool:
    """Strip an element of what says nothing; False where nothing of it is seen."""
    tag = element.tag = element.tag.removeprefix(SVG)
    name = MARK_CLASS.search(element.attrib.pop("class", ""))
    if element.get("display") == "none" or element.get("d") in ("", "M0,0h0v0h0Z"):
        return False
    for attribute in list(element.attrib):
        value = element.attrib[attribute]
        if attribute in ROUNDED:
            value = element.attrib[attribute] = NUMBERS.sub(_rounded, value)
        if attribute in DROPPED or attribute.startswith("aria-") or SILENT.get(attribute) == value:
            del element.attrib[attribute]
    if tag == "path" and not {"fill", "stroke"} & set(element.attrib):
        return False
    if name and not name[1].startswith(("layer_", "concat_")):
        element.set("class", name[1])
    element.tail = None
    kept = [child for child in element if _prune(child)]
    for child in list(element):
        element.remove(child)
    for child in kept:
        # A group that says nothing of its own gives way to what it holds.
        if child.tag == "g" and not child.attrib:
            element.extend(child)
        else:
            element.append(child)
    return tag != "g" or len(element) > 0


def _small(svg: str) -> Drawing:
    root = ElementTree.fromstring(svg)
    width, height = (round(float(root.attrib[side])) for side in ("width", "height"))
    for child in list(root):
        if child.tag == f"{SVG}rect":  # the ground, which is the page's own
            root.remove(child)
    _prune(root)
    body = "".join(ElementTree.tostring(child, encoding="unicode") for child in root)
    return Drawing(width, height, body.replace(" />", "/>"))


@contextmanager
def _fonts_of_the_library() -> Iterator[None]:
    """Letters are measured by the font that the library brings, not by what the machine has.

    A chart is then as wide on every machine. And it is drawn in half the time: a font in a file
    would be opened anew for each text that is measured.
    """
    before = os.environ.get(FONTS)
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "fonts.conf"
        known.write_text(NO_FONTS.format(folder=folder), encoding="utf-8")
        os.environ[FONTS] = str(known)
        try:
            yield
        finally:
            del os.environ[FONTS]
            if before is not None:
                os.environ[FONTS] = before


def draw(specifications: list[str]) -> list[Drawing]:
    """Draw the Vega-Lite specifications, given as JSON texts, one after the other."""
    import vl_convert

    with _fonts_of_the_library():
        # No specification may fetch anything.
        return [
            _small(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))
            for specification in specifications
        ]


def draw_all(specifications: list[str], processes: int | None = None) -> list[Drawing]:
    """Draw the specifications on so many processes (all processors, if not told)."""
    wanted = min(processes or os.cpu_count() or 1, len(specifications) // WORTH_A_PROCESS)
    if wanted <= 1:
        return draw(specifications)
    drawings: list[Drawing | None] = [None] * len(specifications)
    with ThreadPoolExecutor(wanted) as threads:
        # Every so-manieth chart, so that each process has its share of the large ones.
        shares = [specifications[start::wanted] for start in range(wanted)]
        for start, share in enumerate(threads.map(_draw_elsewhere, shares)):
            drawings[start::wanted] = share
    return [drawing for drawing in drawings if drawing is not None]


def _draw_elsewhere(specifications: list[str]) -> list[Drawing]:
    """Draw in a process of its own; what goes wrong there is told on standard error."""
    answer = subprocess.run(
        [sys.executable, "-m", "orchestration.publish.drawing", str(os.getpid())],
        input=json.dumps(specifications),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return [Drawing(*drawing) for drawing in json.loads(answer.stdout)]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    asked = json.load(sys.stdin)
    json.dump([astuple(drawing) for drawing in draw(asked)], sys.stdout)
