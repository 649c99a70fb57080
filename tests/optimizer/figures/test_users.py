"""Who is served: the share of the load by round trip, and MW by users' and operators' country."""

from pathlib import Path

import pytest

from optimizer.figures import users
from optimizer.finished import read_finished
from tests.optimizer.figures.runs import changed, plain, ticks, words

__all__ = ["plain"]


def test_round_trips_of_each_workload_with_its_limit(plain: Path) -> None:
    chat, batch = users.draw_latency(read_finished(plain)).axes
    assert chat.get_title("left") == "chat, 8 MW"
    heights = [bar.get_height() for bar in chat.patches]
    assert sum(heights) == pytest.approx(100)
    # 6 of 8.4 MW go 4 ms, 2.4 go 7.2; the limit is 30 ms less 5.
    assert max(heights) == pytest.approx(100 * 6 / 8.4)
    assert words(chat) == ["at most 25 →"]
    assert words(batch) == []


def test_a_limit_in_sight_is_a_line(plain: Path) -> None:
    serving = read_finished(plain).tables["serving"].assign(rtt_ms=20.0)
    chat = users.draw_latency(changed(plain, serving=serving)).axes[0]
    assert words(chat) == ["at most 25"]
    assert chat.lines[0].get_xdata() == [25, 25]


def test_control_of_the_last_stage(plain: Path) -> None:
    run = read_finished(plain)
    assert users.control(run).to_dict("index") == {
        "NL": {"NL": 6, "US": 0},
        "FR": {"NL": 1, "US": pytest.approx(3.4)},
    }
    axes = users.draw_sovereignty(run).axes[0]
    assert words(axes) == ["• 6.00", "", "1.00", "3.40"]
    assert ticks(axes.xaxis) == ["Netherlands", "United States"]


def test_small_countries_are_others(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "MOST_USERS", 1)
    assert users.control(read_finished(plain)).index.tolist() == ["NL", "1 others"]
