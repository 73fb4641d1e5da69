"""From Vega-Lite specifications to small SVGs, in a process of its own.

`python -m orchestration.publish.drawing PROCESS`, PROCESS being the one that asks, reads one
specification a line and writes one drawing a line, so charts are drawn while pages are still being
made. There is one such process: a chart takes less time than what is made beside it, and what draws
needs half a second to begin, and as much again until it is quick. Nothing of a page is known here,
and Altair is not needed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from xml.etree import ElementTree

from orchestration.child import end_with_parent

FONT_SIZE = 13
SVG = "{http://www.w3.org/2000/svg}"
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
    with _fonts_of_the_library():
        return [_draw_one(specification) for specification in specifications]


def _draw_one(specification: str) -> Drawing:
    import vl_convert

    # No specification may fetch anything.
    return _small(vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))


class Drawer:
    """A process that draws, one after the other, while whoever asks it goes on.

    It begins with the first chart that it is asked for, and ends when this is left as a context;
    what nobody has waited for by then is not drawn. What goes wrong is told on standard error.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        # Two threads: specifications go ahead of the drawings that come back, so it never waits.
        self._asking = ThreadPoolExecutor(1, "asking for drawings")
        self._taking = ThreadPoolExecutor(1, "taking drawings")

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
        for threads in (self._asking, self._taking):
            threads.shutdown(cancel_futures=True)
        if self._process is not None:
            # What was never sent to it is lost with it.
            with suppress(OSError):
                self._process.communicate()

    def draw(self, specification: str) -> Future[Drawing]:
        """The drawing of a Vega-Lite specification, given as a JSON text, once it is made; raises
        CalledProcessError there if it cannot be."""
        if self._process is None:
            # Not in one of the threads: a process ends with the thread that started it.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "orchestration.publish.drawing", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        self._asking.submit(_ask, self._process, specification)
        return self._taking.submit(_take, self._process)


def _ask(process: subprocess.Popen[str], specification: str) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(specification) + "\n")
    process.stdin.flush()


def _take(process: subprocess.Popen[str]) -> Drawing:
    assert process.stdout is not None
    answer = process.stdout.readline()
    if not answer:
        raise subprocess.CalledProcessError(process.wait(), process.args)
    return Drawing(*json.loads(answer))


def _answer() -> None:
    """Draws what standard input asks for, a line at a time."""
    with _fonts_of_the_library():
        for asked in sys.stdin:
            print(json.dumps(astuple(_draw_one(json.loads(asked)))), flush=True)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    _answer()
