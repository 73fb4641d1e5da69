"""Folders of any depth: the standard library's ways through them end at a thousand levels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath


def below(folder: Path) -> Iterator[PurePath]:
    """The path inside `folder` of everything in it that is no folder, in the order of the paths;
    links are not followed."""
    yield from sorted(inside for inside, is_folder in all_below(folder) if not is_folder)


def make_parents(folder: Path, inside: PurePath) -> None:
    """Makes, in `folder`, the folders that lead to `inside`."""
    place = folder
    for part in inside.parts[:-1]:
        place = place / part
        place.mkdir(exist_ok=True)


def remove_folder(folder: Path) -> None:
    """Removes `folder` and all that is in it."""
    found = list(all_below(folder))
    for inside, is_folder in reversed(found):
        if is_folder:
            (folder / inside).rmdir()
        else:
            (folder / inside).unlink()
    folder.rmdir()


def all_below(folder: Path) -> Iterator[tuple[PurePath, bool]]:
    """Each path in `folder`, and whether it is a folder; a folder before what is in it."""
    waiting = [PurePath()]
    while waiting:
        where = waiting.pop()
        with os.scandir(folder / where) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                yield where / entry.name, is_folder
                if is_folder:
                    waiting.append(where / entry.name)
