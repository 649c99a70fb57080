"""The gallery: its pages show each picture that the script makes, and no picture is large."""

import re
from pathlib import Path

import pytest

from scripts.gallery import FIGURES, GALLERY, MOST_BYTES, PAGES

DOCS = GALLERY.parent
MADE = {f"{name}.png" for names in FIGURES.values() for name in names.values()} | {
    f"{name}.png" for name in PAGES
}


def test_the_script_makes_what_the_folder_holds() -> None:
    assert {path.name for path in GALLERY.iterdir()} == MADE


@pytest.mark.parametrize("name", sorted(MADE))
def test_pictures_are_small(name: str) -> None:
    assert (GALLERY / name).stat().st_size <= MOST_BYTES


def test_the_page_shows_each_with_words_for_those_who_cannot_see_it() -> None:
    shown = re.findall(r"!\[(.+)\]\(gallery/(.+)\)", (DOCS / "gallery.md").read_text("utf-8"))
    assert {name for _, name in shown} == MADE
    assert min(len(words) for words, _ in shown) > 30


def test_the_readme_shows_pictures_that_are_there() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[.+\]\((.+)\)", readme)
    assert len(shown) == 2
    assert all(Path(DOCS.parent, path).exists() for path in shown)
