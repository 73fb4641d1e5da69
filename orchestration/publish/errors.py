"""The one error of publishing that an author of pages meets."""

from __future__ import annotations


class PublishError(Exception):
    """The site cannot be built. `page` is the file to mend and `line` the line of it, if known."""

    def __init__(self, message: str, page: str = "", line: int | None = None) -> None:
        self.message, self.page, self.line = message, page, line
        where = f"{page}, line {line}: " if page and line else f"{page}: " if page else ""
        super().__init__(where + message)
