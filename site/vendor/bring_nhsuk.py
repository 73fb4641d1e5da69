"""Brings the NHS.UK front end from npm into `theme/nhsuk.css`: `make nhsuk`, with npm there.

In a folder that goes away again, npm installs the front end, its Sass compiler and PurgeCSS;
`nhsuk.scss` says what is compiled, `used.txt` which of its classes stay. The result is kept in the
repository, so that nobody who builds the site needs npm. Its first line says what it was made from:
a test fails when that is no longer what stands here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSIONS = {"nhsuk-frontend": "10.6.1", "sass": "1.108.2", "purgecss": "8.0.0"}
HERE = Path(__file__).resolve().parent
STYLE = HERE.parent / "theme" / "nhsuk.css"
SOURCES = (HERE / "nhsuk.scss", HERE / "used.txt")


def first_line() -> str:
    """What the style was made from; no other version or source has the same."""
    sources = hashlib.sha256(b"".join(path.read_bytes() for path in SOURCES)).hexdigest()[:12]
    made_with = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    return f"/*! {made_with}, sources {sources}. MIT licence: nhsuk.LICENCE.txt. */"


def bring(style: Path) -> None:
    """Write the style; CalledProcessError where npm or a compiler fails, with what it said."""
    if shutil.which("npm") is None:
        raise SystemExit("This needs npm: install the packages 'nodejs' and 'npm'.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)

        def run(*command: str) -> None:
            subprocess.run(command, cwd=folder, check=True, env={**os.environ, "CI": "1"})

        (folder / "package.json").write_text("{}")
        wanted = [f"{name}@{version}" for name, version in VERSIONS.items()]
        # No package's own scripts run: none is needed for compiling a style.
        run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *wanted)
        tools = folder / "node_modules" / ".bin"
        scss, used = (str(path) for path in SOURCES)
        sass = (str(tools / "sass"), "--style=compressed", "--no-source-map", "--no-charset")
        run(*sass, "--load-path=node_modules", scss, "all.css")
        purge = (str(tools / "purgecss"), "--variables", "--css", "all.css")
        run(*purge, "--content", used, "--output", "used.css")
        css = (folder / "used.css").read_text(encoding="utf-8").lstrip("\ufeff").strip()
    if "url(" in css or "//" in css:
        raise SystemExit("The style would fetch something: see nhsuk.scss and used.txt.")
    style.write_text(f"{first_line()}\n{css}\n", encoding="utf-8")
    print(f"{style}: {len(css.encode()):,} bytes")


if __name__ == "__main__":
    bring(STYLE)
