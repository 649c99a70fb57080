"""Runs that figures are drawn of, and what bars on an axes say."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.finished import Finished, read_finished
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.hourly_run import write_hourly_run


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hourly_run(tmp_path_factory.mktemp("hourly") / "run")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("plain") / "run")


def changed(run: Path, **tables: pd.DataFrame) -> Finished:
    """Run with other tables of its plan."""
    finished = read_finished(run)
    finished.tables.update(tables)
    return finished


def bars(axes: object) -> dict[str, list[tuple[float, float]]]:
    """Bottom and height of each bar, by what the legend calls it."""
    return {
        part.get_label(): [(round(bar.get_y(), 9), round(bar.get_height(), 9)) for bar in part]
        for part in axes.containers
    }


def words(axes: object) -> list[str]:
    """Texts on an axes, in the order in which they were written."""
    return [text.get_text() for text in axes.texts]


def ticks(axis: object) -> list[str]:
    """Names along an axis."""
    return [tick.get_text() for tick in axis.get_ticklabels()]
