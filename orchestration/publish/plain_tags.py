"""Tags that tell a reader of HTML nothing are taken out before Python's parser reads the rest.

That parser takes half a second for the pages of a site, most of it for cells of tables and parts of
drawings. What is taken out is only what cannot be anything else: a whole tag on one line, with
attributes in double quotes. Whatever is written otherwise is left for the parser to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# What stands in them is not read as tags.
NOT_READ = ("script", "style")


def plain_tags(but: Iterable[str] = (), naming: Iterable[str] = ()) -> re.Pattern[str]:
    """Matches runs of opening and closing tags, but for those names and those with an attribute of
    that name. Lines stay where they are when a match is taken out."""
    names = "|".join((*NOT_READ, *but))
    not_named = "".join(f"(?!{re.escape(name)} *=)" for name in naming)
    attribute = rf' +{not_named}[a-z][\w:-]*(?:="[^"<>\n]*")?'
    return re.compile(
        rf"(?:</?(?!(?:{names})\b)[a-z][a-z0-9]*(?:{attribute})* ?/?>)+", re.IGNORECASE
    )
