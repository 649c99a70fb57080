"""Pictures of the report, and what they show for those who cannot see them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from optimizer.digits import digits, money, percent
from optimizer.figures.costs import cost_parts
from optimizer.figures.grid import tightest
from optimizer.figures.users import control
from optimizer.finished import NOTHING_MW
from optimizer.palette import COST_NAMES
from optimizer.report.facts import KILO, Facts, count, listed

SIZE = re.compile(rb'<svg [^>]*width="([0-9.]+)pt" height="([0-9.]+)pt"')
PIXELS_PER_POINT = 1.6


@dataclass(frozen=True)
class Picture:
    """A figure in the page.

    Parameters
    ----------
    address : the drawing itself, as a data address.
    alt : what it shows, in words.
    width, height : pixels.
    """

    address: str
    alt: str
    width: int
    height: int


def pictures(facts: Facts, folder: Path) -> dict[str, Picture]:
    """Figures that were drawn into a folder, by what they show; `dispatch` where there is one."""
    names = {
        name: name for name in ("capacity", "energy", "costs", "grid", "latency", "sovereignty")
    }
    names["map"] = f"map-{facts.last}"
    dispatch = sorted(folder.glob("dispatch-01-*.svg"))
    if dispatch:
        names["dispatch"] = dispatch[0].stem
    told = alts(facts)
    return {key: picture(folder / f"{name}.svg", told[key]) for key, name in names.items()}


def picture(file: Path, alt: str) -> Picture:
    """Drawing with its size: all at one scale, so that letters are as large in each."""
    content = file.read_bytes()
    found = SIZE.search(content)
    assert found is not None
    width, height = (round(float(points) * PIXELS_PER_POINT) for points in found.groups())
    data = b64encode(content).decode("ascii")
    return Picture(f"data:image/svg+xml;base64,{data}", alt, width, height)


def alts(facts: Facts) -> dict[str, str]:
    """Words for each picture."""
    run, stages = facts.run, facts.by_stage
    first, last = stages.loc[facts.first], stages.loc[facts.last]
    here = facts.capacity[facts.capacity.year == facts.last]
    largest = here.sort_values("installed_it_mw", ascending=False, kind="stable").head(3)
    parts = cost_parts(run)
    by_control = control(run).sum()
    top = by_control.head(3) / max(by_control.sum(), NOTHING_MW)
    full = tightest(run)[1].index[:5]
    largest_cost = [
        f"{COST_NAMES.get(str(kind), kind)} {money(cost, facts.currency)}"
        for kind, cost in parts.head(3).items()
    ]
    return {
        "map": f"Map of {count(last.sites, 'site')} in {facts.last}; the largest are "
        f"{listed(largest.name)}.",
        "capacity": f"Bars: IT capacity from {digits(first.installed_it_mw)} MW in {facts.first} "
        f"to {digits(last.installed_it_mw)} MW in {facts.last}.",
        "energy": f"Bars: energy from {digits(first.facility_mwh / KILO)} to "
        f"{digits(last.facility_mwh / KILO)} GWh a year; carbon dioxide from "
        f"{digits(first.carbon_t / KILO)} to {digits(last.carbon_t / KILO)} kt a year.",
        "costs": f"Waterfall of the present value; the largest parts are {listed(largest_cost)}.",
        "grid": "Table of colours: power left at grid nodes by stage; the fullest are "
        f"{listed(run.node_names[full])}.",
        "latency": f"Histograms: load by round trip, for each workload in {facts.last}.",
        "sovereignty": "Table of colours: users' countries by the country that controls their "
        "operators; most load is under "
        + listed(f"{run.country(code)} ({percent(part)})" for code, part in top.items())
        + ".",
        "dispatch": "Steps: power of the largest site by source, hour by hour.",
    }
