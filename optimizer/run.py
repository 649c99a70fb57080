"""One run: from an instance to an audited plan, and from a plan to a folder that holds it."""

import json
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from models import PlanInputs, size_of
from models.coarse import blocks_of, coarse
from optimizer import by_blocks, highs
from optimizer.audit import AuditReport, audit_run
from optimizer.certify import FILE as CERTIFICATE
from optimizer.certify import certificate_table
from optimizer.dual_solution import dual_solution
from optimizer.errors import Infeasible
from optimizer.explain import explain
from optimizer.export import write_geopackage
from optimizer.folders import written_aside
from optimizer.instance import Instance, copy_instance
from optimizer.kept import Kept
from optimizer.outcome import of_plan, usable_cores
from optimizer.plan import plan_tables
from optimizer.points import Point
from optimizer.polish import polish
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import Program
from optimizer.room import in_words, refuse_too_large
from optimizer.routes import Routes, check_reachable, find_routes
from optimizer.search import Found, Links, Relaxation, relax, search
from optimizer.second_opinion import second_opinions
from optimizer.stations import Stations

Report = Callable[..., None]
# No machine has more; plan.json may ask for anything.
MOST_THREADS = 1024


@dataclass(frozen=True)
class Options:
    """What a planner may ask of a solve.

    Parameters
    ----------
    gap : relative gap between plan and bound at which to stop.
    time_limit : seconds for everything up to the plan; None for no limit.
    threads : as of `Control`.
    seed : of HiGHS' random choices.
    method : `search`, or `plain` for one run of HiGHS on the model with every strong link.
    every_pair : list each pair of demand and site that is ruled out, not only their counts.
    check : ask other solvers for a second opinion on the finished plan.
    check_time_limit : seconds for each of them.
    """

    gap: Annotated[float, Field(ge=0, le=1)] = 1e-3
    time_limit: Annotated[float, Field(gt=0)] | None = None
    threads: Annotated[int, Field(ge=0, le=MOST_THREADS)] = 0
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    method: Literal["search", "plain"] = "search"
    every_pair: bool = False
    check: bool = False
    check_time_limit: Annotated[float, Field(gt=0)] = 300.0


@dataclass(frozen=True)
class Plan:
    """A plan, not yet written.

    Parameters
    ----------
    record : what plan.json says.
    tables : result tables by name, with the columns of `optimizer.results`.
    certificate : multipliers that prove the bound of the relaxation; None where it was not solved.
    point : makes what another solve may start from; None where there is no such thing.
    """

    record: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    certificate: pd.DataFrame | None = None
    point: Callable[[], Point] | None = field(default=None, compare=False)


@dataclass
class Clock:
    """Seconds spent in each phase, told to whoever watches."""

    report: Report
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a block under a name."""
        self.report(name)
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = round(time.perf_counter() - started, 3)


def solve_instance(
    instance: Instance,
    options: Options,
    control: highs.Control,
    clock: Clock,
    start: Point | None = None,
    kept: Kept | None = None,
) -> Plan:
    """Find the cheapest plan of an instance.

    Parameters
    ----------
    start : plan of another instance to start from, as far as it is one of this; not by the hour.
    kept : models of the instance that was solved before; afterwards, those of this one.

    Raises
    ------
    InvalidInstance
        A demand that must be served has no site that may.
    Infeasible
        It is proven that there is no plan; the message says what would have to give.
    NoPlan, Interrupted
        A limit or an interruption came before any plan.
    """
    with clock.phase("routes"):
        routes = find_routes(instance, every_pair=options.every_pair)
        check_reachable(instance, routes)
    with clock.phase("prepare"):
        inputs = prepare(instance, routes)
    try:
        if options.method == "search" and by_blocks.pays(inputs):
            plan = solve_by_blocks(instance, inputs, routes, options, control, clock)
            if plan is not None:
                return plan
        return solve_whole(instance, inputs, routes, options, control, clock, start, kept)
    except Infeasible:
        clock.report("explain")
        reasons = explain(instance, control, proven=True)
        raise Infeasible("\n".join(reasons.lines())) from None


def solve_whole(
    instance: Instance,
    inputs: PlanInputs,
    routes: Routes,
    options: Options,
    control: highs.Control,
    clock: Clock,
    start: Point | None = None,
    kept: Kept | None = None,
) -> Plan:
    """Find the cheapest plan with one search over the whole problem; raises as `solve_instance`."""
    kept = kept or Kept()
    with clock.phase("build"):
        pooled = pool_regions(inputs)
        stated = kept.state(pooled, partial(fit, pooled, clock))
        model = stated.model
    with clock.phase("compile"):
        program, links = stated.program, stated.links
    with clock.phase("search"):
        # By the hour a site is no knapsack: the ascent would not know how to answer.
        stations = None if pooled.power else partial(Stations.of, model, pooled, program)
        found = search(
            program,
            links,
            control,
            options.gap,
            method=options.method,
            stations=stations,
            start=start.start(program, links) if start else None,
            basis=start.basis_of(program, links) if start else None,
        )
    basis = found.relaxation.basis if found.relaxation else None
    with clock.phase("polish"):
        assert found.values is not None
        known = stations() if stations else None
        solved = polish(inputs, program, found.values, kept=kept, stations=known)
    with clock.phase("tables"):
        tables = plan_tables(instance, inputs, routes, solved)
    if found.root is not None:
        with clock.phase("certificate"):
            own = highs.Control(interrupted=control.interrupted)
            proof = dual_solution(program, links, *found.root.own_prices(own), own)
            found.relaxation = proof or found.relaxation
    if options.check and found.relaxation is None:
        with clock.phase("certificate"):
            found.relaxation = relaxed(program, links, options, control)
    told = record(instance, options, control, found, inputs, routes, program, clock, tables)
    if options.check:
        with clock.phase("check"):
            told["check"] = checked(program, links, found, told, options, control)
        told["seconds"] = dict(clock.seconds)
    certificate = found.relaxation and certificate_table(program, links, found.relaxation)
    return Plan(told, tables, certificate, partial(Point.of, program, found.values, basis))


def fit(inputs: PlanInputs, clock: Clock) -> None:
    """Tell how large a model will be, and refuse one for which there is no memory."""
    size = size_of(inputs)
    clock.report(f"model of {in_words(size)}")
    refuse_too_large(size)


def solve_by_blocks(
    instance: Instance,
    inputs: PlanInputs,
    routes: Routes,
    options: Options,
    control: highs.Control,
    clock: Clock,
) -> Plan | None:
    """Find a cheap plan by blocks of hours first; raises as `solve_instance`.

    Its bound rests on another, smaller problem than the plan: there is no certificate of it, and
    nobody else is asked.
    """
    pooled = pool_regions(inputs)
    assert pooled.power is not None
    blocks = blocks_of(pooled.power, by_blocks.EACH_DAY[0])
    fit(replace(pooled, power=coarse(pooled.power, blocks)), clock)
    refuse_too_large(size_of(pooled))  # Its hours are stated, too, to be taken apart.
    with clock.phase("search"):
        both = by_blocks.search_by_blocks(inputs, control, options.gap)
    if both is None:
        return None
    found, narrowed = both
    with clock.phase("polish"):
        assert found.values is not None
        solved = polish(narrowed.inputs, narrowed.program, found.values, narrowed.cheapest)
    with clock.phase("tables"):
        tables = plan_tables(instance, inputs, routes, solved)
    program = narrowed.program
    told = record(instance, options, control, found, inputs, routes, program, clock, tables)
    return Plan(told, tables)


def relaxed(
    program: Program, links: Links, options: Options, control: highs.Control
) -> Relaxation | None:
    """Relaxation of a solve that went another way to its bound: there is time for it now."""
    own = replace(control, time_limit=2 * options.check_time_limit, started=time.monotonic())
    return relax(program, links, own, Found())


def checked(
    program: Program,
    links: Links,
    found: Found,
    told: dict[str, Any],
    options: Options,
    control: highs.Control,
) -> list[dict[str, Any]]:
    """Opinions of other solvers on a plan, as plan.json holds them."""
    written = found.relaxation.written if found.relaxation else range(len(links.column))
    own = replace(control, time_limit=options.check_time_limit)
    whole = links.joined_to(program, np.array(written, dtype=int))
    opinions = second_opinions(whole, told["objective"], told["bound"], options.gap, own)
    return [opinion.as_dict() for opinion in opinions]


def record(
    instance: Instance,
    options: Options,
    control: highs.Control,
    found: Found,
    inputs: PlanInputs,
    routes: Routes,
    program: Program,
    clock: Clock,
    tables: dict[str, pd.DataFrame],
) -> dict[str, Any]:
    """What plan.json says: how good the plan is, and what it takes to find it again."""
    objective = float(tables["costs"].discounted_cost.sum())
    bound = min(found.bound, objective)
    gap = (objective - bound) / max(abs(objective), 1e-9)
    written, possible = found.links
    # Where the search has proven the gap and the tables cost more, model and tables disagree: the
    # status says what is claimed, so that the audit contradicts it.
    claimed = min(gap, found.gap)
    return {
        "status": of_plan(found.status, claimed, options.gap).value.replace(" ", "_"),
        "objective": objective,
        "bound": bound,
        "gap": gap,
        "relaxation_bound": found.relaxation.bound if found.relaxation else None,
        "currency": instance.manifest.currency,
        "instance_name": instance.manifest.name,
        "instance_title": instance.manifest.title,
        "instance_sha256": instance.sha256,
        "sizes": {
            "sites": len(inputs.sites),
            "regions": len(instance.tables["regions"]),
            "stages": len(inputs.stages),
            "demands": len(inputs.demand_mw),
            "routes": len(routes.eligible),
            "rows": program.matrix.shape[0],
            "columns": program.matrix.shape[1],
            "integer_columns": int(program.integer.sum()),
            "nonzeros": program.matrix.nnz,
            "strong_links": possible,
            "strong_links_written": written,
        },
        "seconds": dict(clock.seconds),
        "choices": list(control.choices),
        "options": asdict(options),
        # What HiGHS does by default depends on the cores, and the last digit on the processor.
        "machine": {
            "platform": f"{platform.system()} {platform.machine()}",
            "cores": usable_cores(),
        },
        "versions": {
            "sitewatt": version("sitewatt"),
            "python": platform.python_version(),
            "highs": highs.version(),
            **{name: version(name) for name in ("pyomo", "numpy", "scipy", "pandas")},
        },
    }


def write_run(
    plan: Plan, instance: Instance, out: Path, log_file: Path | None, *, overwrite: bool = False
) -> AuditReport:
    """Write a plan as a run folder, audited before it takes its name.

    The folder holds plan.json, tables/, plan.gpkg, a copy of the instance from which every later
    step can be repeated, the certificate of the bound, the solver's log and audit.json.

    Returns
    -------
    AuditReport
        The folder is written even if the audit fails: whoever looks for the fault needs it.
    """
    with written_aside(out, overwrite=overwrite) as folder:
        (folder / "tables").mkdir(parents=True)
        for name, table in plan.tables.items():
            table.to_csv(folder / "tables" / f"{name}.csv", index=False, lineterminator="\n")
        copy_instance(instance, folder / "instance")
        if log_file is not None and log_file.exists():
            (folder / "solver.log").write_bytes(log_file.read_bytes())
        if plan.certificate is not None:
            plan.certificate.to_csv(folder / CERTIFICATE, index=False, lineterminator="\n")
        write_json(folder / "plan.json", plan.record)
        report = audit_run(folder)
        write_json(folder / "audit.json", report.as_dict())
        write_geopackage(
            plan.tables,
            instance.tables["nodes"],
            instance.tables["regions"],
            plan.record,
            folder / "plan.gpkg",
        )
    return report


def write_json(path: Path, content: object) -> None:
    """Write JSON for people and programs; a number that JSON cannot hold is an error."""
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
