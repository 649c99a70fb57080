"""Tables and plots of measurements, written into a page between its marks."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench import plots
from bench.cases import Case, all_cases
from bench.peers import PEERS
from bench.plots import LEAST_SECONDS, Times
from bench.results import TARGETS, Measurement, gap

BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
OURS = "sitewatt"
WORDS = {1e-2: "1 %", 1e-3: "0.1 %", 1e-4: "proven (0.01 %)"}
PLOTS = (
    (
        plots.draw_integrals,
        "Primal integral: how far, on average over the limit, the best plan at hand was from the "
        "best known. Less is better.",
    ),
    (plots.draw_growth, "Seconds to 1 %, by routes of the random cases; hollow: a lower bound."),
    (
        plots.draw_steps,
        "Seconds to 0.1 % with each stage and slice more, and the power law that fits.",
    ),
)
# A bound may exceed another's plan by what tolerances leave open.
CONTRADICTS = 1e-5
Table = list[list[str]]
Pair = tuple[tuple[float, bool], tuple[float, bool]]


def line(measurement: Measurement) -> str:
    """One measurement in a line."""
    seconds = (f"{WORDS[t]} {told(*measurement.seconds(t))}" for t in TARGETS)
    return f"{measurement.case} {measurement.peer}: {', '.join(seconds)}, {measurement.ended}"


def told(seconds: float, is_bound: bool) -> str:
    """Seconds for a table."""
    return f"{'> ' if is_bound else ''}{seconds:.3g} s"


def write(page: Path, found: list[Measurement], of_handover: list[dict[str, Any]]) -> None:
    """Replace what stands between the marks of a page, and draw its plots beside it."""
    figures = page.parent / page.stem
    figures.mkdir(exist_ok=True)
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    parts = [
        *(paragraphs(found, figures) if found else []),
        *(handover_table(of_handover) if of_handover else []),
    ]
    body = "\n\n".join(parts)
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def paragraphs(found: list[Measurement], figures: Path) -> list[str]:
    """Everything that the measurements say, in Markdown."""
    cases = {case.name: case for case in all_cases()}
    found = [m for m in found if m.case in cases]
    times = medians(found)
    parts = [machine_text(found), "### How many times as long as Sitewatt", ratio_note()]
    parts += [markdown(ratio_table(times, cases)), *contradictions(found)]
    parts += ["### Seconds, by case", markdown(seconds_table(times, found, list(cases)))]
    for draw, caption in PLOTS:
        file = draw(figures, found, times, cases)
        if file is not None:
            parts.append(f"![{caption}]({figures.name}/{file})\n\n*{caption}*")
    return parts


def machine_text(found: list[Measurement]) -> str:
    """Machine and versions of all measurements."""
    facts: dict[str, set[str]] = defaultdict(set)
    for measurement in found:
        for name, value in measurement.machine.items():
            facts[name].add(str(value))
    limits = " and ".join(f"{limit:g}" for limit in sorted({m.limit for m in found}))
    told_facts = ", ".join(f"{name} {' / '.join(sorted(values))}" for name, values in facts.items())
    return f"{len(found)} solves, limit {limits} s each. {told_facts}."


def medians(found: Iterable[Measurement]) -> Times:
    """Median seconds by case, peer and target, and whether that is a lower bound."""
    grouped: dict[tuple[str, str, float], list[tuple[float, bool]]] = defaultdict(list)
    for measurement in found:
        for target in TARGETS:
            grouped[measurement.case, measurement.peer, target].append(measurement.seconds(target))
    # The upper of two in the middle: (seconds, is_bound) sorts a bound behind its limit.
    return {key: sorted(values)[len(values) // 2] for key, values in grouped.items()}


def ratio_note() -> str:
    """What the ratios are."""
    return (
        "Geometric means over the cases of a family that both were asked for, medians of the "
        "repeats; above 1 Sitewatt is faster. `≥`: somebody came to the limit, which counts as its "
        "time, so that the true ratio is larger. `?`: Sitewatt did, too."
    )


def ratio_table(times: Times, cases: dict[str, Case]) -> Table:
    """Ratios by family and peer."""
    rows = [["family", "peer", "cases", *(WORDS[target] for target in TARGETS), "least"]]
    families = dict.fromkeys(case.family for case in cases.values())
    for family in families:
        for peer in PEERS:
            of_family = [
                name
                for name, case in cases.items()
                if case.family == family
                and all((name, who, TARGETS[0]) in times for who in (OURS, peer))
            ]
            if peer == OURS or not of_family:
                continue
            row = [family, PEERS[peer].title, str(len(of_family))]
            for target in TARGETS:
                pairs = [(times[n, peer, target], times[n, OURS, target]) for n in of_family]
                row.append(ratio_text(pairs))
            proofs = [(times[n, peer, TARGETS[-1]], times[n, OURS, TARGETS[-1]]) for n in of_family]
            rows.append([*row, f"{min(map(ratio, proofs)):.2g}"])
    return rows


def ratio(pair: Pair) -> float:
    """Another's seconds over ours."""
    theirs, ours = pair
    return max(theirs[0], LEAST_SECONDS) / max(ours[0], LEAST_SECONDS)


def ratio_text(pairs: Sequence[Pair]) -> str:
    """Geometric mean of ratios, and what limits make of it."""
    mean = math.exp(sum(math.log(ratio(pair)) for pair in pairs) / len(pairs))
    unsure = "? " if any(ours[1] for _, ours in pairs) else ""
    return f"{unsure or ('≥ ' if any(theirs[1] for theirs, _ in pairs) else '')}{mean:.3g}"


def seconds_table(times: Times, found: list[Measurement], names: list[str]) -> Table:
    """Seconds and memory of every case and peer, cases in the order of their names."""
    rows = [["case", "peer", *(WORDS[target] for target in TARGETS), "last gap", "MB"]]
    grouped: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for measurement in found:
        grouped[measurement.case, measurement.peer].append(measurement)
    peers = list(PEERS)
    for case, peer in sorted(grouped, key=lambda key: (names.index(key[0]), peers.index(key[1]))):
        all_of_them = grouped[case, peer]
        left = median(min(gap(m.plan, m.bound), 9.99) for m in all_of_them)
        mb = median(m.peak_mb - m.start_mb for m in all_of_them)
        failed = any(m.ended == "failed" for m in all_of_them)
        seconds = [told(*times[case, peer, target]) for target in TARGETS]
        last = "failed" if failed else "no plan" if left >= 9.99 else f"{left:.3%}"
        rows.append([case, PEERS[peer].title, *seconds, last, f"{mb:.0f}"])
    return rows


def contradictions(found: list[Measurement]) -> list[str]:
    """Bounds above somebody's plan: one of both is wrong."""
    said = []
    for case in dict.fromkeys(m.case for m in found):
        of_case = [m for m in found if m.case == case]
        plans = [m for m in of_case if m.plan is not None]
        bounds = [m for m in of_case if m.bound is not None]
        if plans and bounds:
            low = min(plans, key=lambda m: m.plan or 0.0)
            high = max(bounds, key=lambda m: m.bound or 0.0)
            if (high.bound or 0.0) > (low.plan or 0.0) * (1 + CONTRADICTS):
                said.append(
                    f"**{case}:** the bound {high.bound:,.2f} of {PEERS[high.peer].title} is above "
                    f"the plan {low.plan:,.2f} of {PEERS[low.peer].title}: one of both is wrong."
                )
    return said or ["No bound is above anybody's plan."]


def handover_table(found: list[dict[str, Any]]) -> list[str]:
    """Stating and handing over, by case and layer."""
    rows = [["case", "layer", "nonzeros", "s", "s per million", "MB per million", "of linopy's s"]]
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for facts in found:
        grouped[facts["case"], facts["layer"]].append(facts)
    seconds = {key: median(f["seconds"] for f in those) for key, those in grouped.items()}
    for (case, layer), those in grouped.items():
        millions = those[0]["nonzeros"] / 1e6
        mb = median(f["mb"] for f in those)
        peer = seconds.get((case, "linopy"))
        took = seconds[case, layer]
        numbers = [f"{those[0]['nonzeros']:,}", f"{took:.2f}", f"{took / millions:.2f}"]
        compared = f"{took / peer:.1f}" if peer else ""
        rows.append([case, layer, *numbers, f"{mb / millions:.0f}", compared])
    return ["### Stating and handing over", markdown(rows)]


def markdown(rows: Table) -> str:
    """A table; numbers stand right."""
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
