"""Plots of measurements: primal integrals, growth with size, with stages and with slices."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.cases import Case
from bench.peers import PEERS
from bench.results import TARGETS, Measurement

# Shorter times are noise: they count as this.
LEAST_SECONDS = 0.05
# Seconds by case, peer and target, and whether they are a lower bound.
Times = dict[tuple[str, str, float], tuple[float, bool]]


def primal_integral(measurement: Measurement, best: float) -> float:
    """Mean gap of the plan at hand to the best known over the limit; 1 without a plan."""
    area, since, distance = 0.0, 0.0, 1.0
    for seconds, plan, _ in measurement.course:
        now = min(seconds, measurement.limit)
        area += (now - since) * distance
        since = now
        if plan is not None:
            distance = min(1.0, abs(plan - best) / max(abs(plan), abs(best), 1e-9))
    return (area + (measurement.limit - since) * distance) / measurement.limit


def draw_integrals(
    figures: Path, found: list[Measurement], _: object, cases: dict[str, Case]
) -> str | None:
    """Primal integrals by case, a mark a peer."""
    best: dict[str, float] = {}
    for m in found:
        if m.plan is not None:
            best[m.case] = min(best.get(m.case, math.inf), m.plan)
    names = [name for name in cases if name in best]
    grouped: dict[tuple[str, str], list[float]] = defaultdict(list)
    for m in found:
        if m.case in best:
            grouped[m.peer, m.case].append(max(primal_integral(m, best[m.case]), 1e-6))
    if not names:
        return None

    def draw(axes: Any) -> None:
        for peer in PEERS:
            there = [n for n in names if (peer, n) in grouped]
            if there:
                values = [median(grouped[peer, n]) for n in there]
                places = [names.index(n) for n in there]
                axes.plot(values, places, "o", label=PEERS[peer].title, alpha=0.8)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xscale("log")
        axes.set_xlabel("primal integral, part of the limit")

    return save(figures / "primal_integral.svg", draw, height=1.2 + 0.24 * len(names))


def draw_growth(
    figures: Path,
    _: object,
    times: Times,
    cases: dict[str, Case],
) -> str | None:
    """Seconds to 1 % by routes of the random cases."""
    growing = [case for case in cases.values() if case.family == "random"]
    series = points(growing, times, TARGETS[0])
    if not series:
        return None

    def draw(axes: Any) -> None:
        for peer, at in series.items():
            x, seconds, is_bound = zip(*at, strict=True)
            (drawn,) = axes.plot(x, seconds, "-", label=PEERS[peer].title)
            for where, height, bound in zip(x, seconds, is_bound, strict=True):
                face = "none" if bound else drawn.get_color()
                axes.plot(where, height, "o", color=drawn.get_color(), markerfacecolor=face)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("routes")
        axes.set_ylabel("seconds to 1 %")

    return save(figures / "growth.svg", draw)


def draw_steps(
    figures: Path,
    _: object,
    times: Times,
    cases: dict[str, Case],
) -> str | None:
    """Seconds to 0.1 % by stages and by slices, with the power law that fits them."""
    series = {
        (family, peer): at
        for family in ("stages", "europe-stages", "world-stages", "slices")
        for peer, at in points(
            [case for case in cases.values() if case.family == family], times, TARGETS[1]
        ).items()
        if len(at) > 1
    }
    if not series:
        return None

    def draw(axes: Any) -> None:
        for (family, peer), at in series.items():
            x, seconds, is_bound = map(np.array, zip(*at, strict=True))
            power, factor = np.polyfit(np.log(x), np.log(seconds), 1)
            least = "≥ " if is_bound.any() else ""
            label = f"{PEERS[peer].title}, {family}: n^{least}{power:.2f}"
            (drawn,) = axes.plot(x, seconds, "o", label=label)
            axes.plot(x, np.exp(factor) * x**power, "--", color=drawn.get_color())
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("stages, slices")
        axes.set_ylabel("seconds to 0.1 %")

    return save(figures / "steps.svg", draw)


def points(
    growing: Iterable[Case],
    times: Times,
    target: float,
) -> dict[str, list[tuple[int, float, bool]]]:
    """(size, seconds, whether a bound) of growing cases, by peer."""
    series: dict[str, list[tuple[int, float, bool]]] = defaultdict(list)
    for case in growing:
        for peer in PEERS:
            if case.growth and (case.name, peer, target) in times:
                seconds, is_bound = times[case.name, peer, target]
                series[peer].append((case.growth, max(seconds, LEAST_SECONDS), is_bound))
    return series


def save(file: Path, draw: Callable[[Any], None], height: float = 3.6) -> str:
    """Draw one plot into a file; the same measurements give the same bytes."""
    import matplotlib as mpl  # noqa: PLC0415 — an extra

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    from optimizer.figures.style import STYLE  # noqa: PLC0415

    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7.2, height), layout="constrained")
        draw(axes)
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_scale() == "log":  # By itself it writes powers that no browser can read.
                axis.set_major_formatter("{x:g}")
        axes.legend(fontsize=7)
        figure.savefig(file, metadata={"Date": None})
        plt.close(figure)
    return file.name
