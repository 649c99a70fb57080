"""All figures of a run: their files, the same bytes twice, hostile names as plain text."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer.cli import main
from optimizer.figures import FIGURES, draw
from optimizer.figures.maps import draw_map
from optimizer.figures.style import FORMATS, save, style
from optimizer.finished import read_finished
from tests.optimizer.figures.runs import plain

__all__ = ["plain"]

BEGINS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


def test_the_command_draws_every_figure(plain: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["figures", str(plain), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    names = {"map-2026", "map-2028", *FIGURES}
    assert {file.name for file in (tmp_path / "out").iterdir()} == {f"{n}.svg" for n in names}


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_bytes_twice_in_every_format(
    plain: Path, tmp_path: Path, file_format: str
) -> None:
    contents = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.{file_format}"
        with style():
            save(draw_map(read_finished(plain), 2028), path)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]
    assert contents[0].startswith(BEGINS[file_format])


def test_every_figure_tells_its_sources_at_the_foot(plain: Path) -> None:
    with style():
        for name, figure in draw(read_finished(plain), []):
            (foot,) = [text.get_text() for text in figure.texts if text.get_gid() == "caption"]
            assert "Two sites by hand. Sources: sources.csv" in " ".join(foot.split()), name
            assert "Sitewatt 0" in foot, name


def test_names_are_text_whatever_they_hold(plain: Path, tmp_path: Path) -> None:
    site, workload, title = "$\\frac{$</text><script>x</script>", "光" * 200, "שלום $x_1$ " * 20
    run = read_finished(plain)
    for table in ("sites", "capacity", "serving", "energy"):
        run.tables[table] = run.tables[table].replace({"north": site, "chat": workload})
    workloads = run.instance.tables["workloads"].replace({"chat": workload})
    tables = run.instance.tables | {"workloads": workloads}
    manifest = run.instance.manifest.model_copy(update={"title": title})
    hostile = replace(run, instance=replace(run.instance, manifest=manifest, tables=tables))
    with style():
        for name in ("capacity", "latency"):
            FIGURES[name](hostile).savefig(tmp_path / f"{name}.svg")
            assert "<script" not in (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
