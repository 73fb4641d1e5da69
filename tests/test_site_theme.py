"""The look of the site: what is brought in of the NHS.UK front end is what the repository says."""

from __future__ import annotations

import re
import runpy

from orchestration.publish.site import SITE
from tests.published_sample import sample_site

STYLE = SITE / "theme" / "nhsuk.css"
BRING = runpy.run_path(str(SITE / "vendor" / "bring_nhsuk.py"))


def front_end_classes(written: str) -> set[str]:
    return {
        name
        for classes in re.findall(r'class="([^"]*)"', written)
        for name in classes.split()
        if name.startswith("nhsuk-")
    }


def test_the_style_was_made_from_the_versions_and_sources_that_stand_beside_its_script() -> None:
    first, *rest = STYLE.read_text(encoding="utf-8").splitlines()
    assert first == BRING["first_line"](), "run `make nhsuk`"
    assert rest


def test_the_styles_fetch_nothing_and_bring_no_letters_of_their_own() -> None:
    for style in (SITE / "theme").glob("*.css"):
        written = style.read_text(encoding="utf-8").lower()
        for unwanted in ("url(", "@import", "@font-face", "frutiger", "//"):
            assert unwanted not in written, (style.name, unwanted)


def test_the_licence_lies_beside_the_style_on_the_site_too() -> None:
    for folder in (SITE / "theme", sample_site()):
        licence = (folder / "nhsuk.LICENCE.txt").read_text(encoding="utf-8")
        assert "MIT License" in licence
        assert "Copyright" in licence


def test_every_class_of_the_front_end_on_a_page_is_one_that_was_brought_in() -> None:
    used = (SITE / "vendor" / "used.txt").read_text(encoding="utf-8")
    known = set(re.findall(r"nhsuk-[\w-]+", used))
    for path in sorted(sample_site().rglob("*.html")):
        missing = front_end_classes(path.read_text(encoding="utf-8")) - known
        assert missing == set(), f"{path}: put it in site/vendor/used.txt and run `make nhsuk`"


def test_no_page_shows_the_logo_of_the_nhs_or_its_name_as_ours() -> None:
    for path in sorted(sample_site().rglob("*.html")):
        head, _, _ = path.read_text(encoding="utf-8").partition("<main")
        assert "nhsuk-header__logo" not in head
        assert "NHS" not in re.sub(r"<[^>]*>", "", head), path
