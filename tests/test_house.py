"""The house around the code: where packages lie, what no file may hold, what must agree."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

import models
import optimizer
from optimizer import cli, errors

ROOT = Path(__file__).parents[1]
MOST_LINES = 450
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = sorted(
    path.relative_to(ROOT)
    for name in ("models", "optimizer")
    for path in ROOT.glob(f"{name}/**/*.py")
)


def text_files() -> Iterator[tuple[Path, str]]:
    """Every text file of the checkout outside the folders that git ignores."""
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()} | {".git"}
    for path in sorted(ROOT.rglob("*")):
        place = path.relative_to(ROOT)
        if ignored.isdisjoint(place.parts) and "egg-info" not in str(place) and path.is_file():
            try:
                yield place, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


@pytest.mark.parametrize("package", [models, optimizer])
def test_packages_are_the_folders_of_this_checkout(package):
    assert Path(package.__file__).parent == ROOT / package.__name__


def test_every_package_is_listed_to_be_shipped():
    found = {".".join(module.parent.parts) for module in MODULES}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == found


def test_no_file_names_a_registry_or_a_place_on_one_machine():
    # Put together from parts, so that this file holds none of them.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb.deb" + "ian.org"]
    places = ["/" + "work/", "/" + "opt/", "file" + ":///", "/" + "root/", "/" + "home/"]
    forbidden = re.compile("|".join(map(re.escape, hosts + places)))
    found = [
        f"{place}:{number}: {line.strip()[:100]}"
        for place, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_each_module_is_short_enough_to_be_one_idea(module):
    assert len((ROOT / module).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", [m for m in MODULES if m.parts[0] == "models"], ids=str)
def test_the_mathematics_reads_no_file_and_prints_nothing(module):
    calls = {
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        for call in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
    }
    assert not {
        name for name in calls if re.match(r"open$|print$|read_|write_|to_(csv|parquet)", name)
    }


def in_one_line(path: str) -> str:
    return " ".join((ROOT / path).read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    ("name", "page", "at_least"),
    [
        ("instance format", "docs/instances/index.md", 10),
        ("power through the hours", "docs/instances/power.md", 40),
    ],
)
def test_every_rule_quotes_words_that_stand_in_the_format(name, page, at_least):
    written = in_one_line(page)
    source = re.compile(rf'{name}, ((?:"[^"]+"(?:,? and |, )?)+)')
    quoted = [
        (str(module), quote)
        for module in MODULES
        if module.parts[0] == "models"
        for quotes in source.findall(in_one_line(str(module)))
        for quote in re.findall('"([^"]+)"', quotes)
    ]
    assert len(quoted) >= at_least
    assert [pair for pair in quoted if pair[1] not in written] == []


def test_every_module_of_the_model_stands_on_a_page_of_the_mathematics():
    pages = [path.read_text(encoding="utf-8") for path in ROOT.glob("docs/mathematics/*.md")]
    shown = set(re.findall(r"^::: models\.(\w+)$", "\n".join(pages), re.MULTILINE))
    modules = {m.stem for m in MODULES if m.parts[0] == "models"} - {"__init__"}
    assert modules - shown == set()


def test_changelog_has_an_entry_for_the_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(PROJECT['version'])}\]", changelog, re.MULTILINE)


@pytest.mark.parametrize("mark", ["solve", "test"])
def test_ci_runs_the_command_lines_of_the_readme(mark):
    block = re.search(rf"^<!-- ci: {mark} -->\n```bash\n(.+)\n```$", README, re.MULTILINE)
    assert block, f"README.md has no single command line marked {mark}"
    assert re.search(rf"readme {mark}$", (ROOT / ".ci/run").read_text(), re.MULTILINE)


def test_readme_and_help_tell_the_exit_codes_of_the_errors():
    told = dict(re.findall(r"^  (\d+) +(.+)$", cli.EXIT_CODES, re.MULTILINE))
    assert dict(re.findall(r"^\| (\d+) \| (.+) \|$", README, re.MULTILINE)) == told
    kinds = [errors.SitewattError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert {str(kind.exit_code) for kind in kinds} <= set(told)


def test_readme_lists_every_command():
    listed = set(re.findall(r"^\| `sitewatt (\w+)", README, re.MULTILINE))
    assert listed == set(cli.main.commands)


def test_rules_in_the_readme_stand_in_the_european_instance():
    shown = re.search(r"```csv\n(.+?)```", README, re.DOTALL)[1].splitlines()
    rows = (ROOT / "instances/europe/rules.csv").read_text(encoding="utf-8").splitlines()
    assert len(shown) > 3
    assert set(shown) <= set(rows)


def test_constraints_pin_every_dependency_by_version_alone():
    pins = dict(
        re.fullmatch(r"([\w.-]+)==([\w.!+]+)", line).groups()
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    )
    asked = chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in asked} - {"sitewatt"}
    normal = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    assert {name for name in names if re.sub(r"[-_.]+", "-", name).lower() not in normal} == set()
