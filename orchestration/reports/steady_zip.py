"""A zip whose bytes depend on nothing but what is put into it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

# The earliest time that a zip can hold.
NO_TIME = (1980, 1, 1, 0, 0, 0)
REGULAR_FILE = 0o100644


class SteadyZip(zipfile.ZipFile):
    """A zip to write, in which no member carries a time or the rights of the file it came from."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """Puts `data` into the zip under a name."""
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        member = zipfile.ZipInfo(name, NO_TIME)
        member.external_attr = REGULAR_FILE << 16
        member.create_system = 3  # Unix, whatever this runs on
        super().writestr(member, data, zipfile.ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Puts the file `filename` into the zip."""
        self.writestr(arcname or filename, Path(filename).read_bytes())
