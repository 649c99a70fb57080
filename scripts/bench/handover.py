"""How long it takes to state the same rows and to hand them to HiGHS, and how much memory."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.cases import Case, drawn
from bench.siting import Siting, first_demand, of
from bench.track import MB, events
from models import PlanInputs, build_model
from optimizer.highs import Control, Solver
from optimizer.instance import read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes


def cases(sizes: str) -> list[Case]:
    """Cases from words such as 200x2000x50: sites, regions, routes of each."""
    found = []
    for size in sizes.split(","):
        sites, regions, routes = map(int, size.split("x"))
        write = drawn(sites=sites, regions=regions, routes_each=routes)
        found.append(Case(f"random_{size}", "handover", write))
    return found


def by_pyomo(inputs: PlanInputs, _: Siting) -> tuple[Any, Any]:
    """State in Pyomo, as arrays to HiGHS; which is returned with the model."""
    model = build_model(inputs)
    return Solver(compile_program(model), Control(), "benchmark").highs, model


def by_linopy(_: PlanInputs, siting: Siting) -> tuple[Any, Any]:
    """State in linopy, whose own way it is to HiGHS; which is returned with the model."""
    from bench.linopy_siting import state as stated  # noqa: PLC0415 — an extra

    model = stated(siting, links=False)
    highs = model.to_highspy()
    highs.setOptionValue("output_flag", False)
    return highs, model


LAYERS = {"pyomo": by_pyomo, "linopy": by_linopy}


def state(folder: Path, layer: str) -> None:
    """State an instance once and print what it took; a little one first, which imports all."""
    instance = read_instance(folder)
    inputs = pool_regions(prepare(instance, find_routes(instance)))
    small = first_demand(inputs)
    LAYERS[layer](small, of(small))
    siting = of(inputs)
    before_mb = resident_mb("VmRSS")
    started, used = time.perf_counter(), time.process_time()
    highs, _held = LAYERS[layer](inputs, siting)  # Nobody throws the model away yet.
    facts = {
        "wall_seconds": time.perf_counter() - started,
        "seconds": time.process_time() - used,
        "mb": resident_mb("VmHWM") - before_mb,
        "rows": highs.getNumRow(),
        "columns": highs.getNumCol(),
        "nonzeros": highs.getNumNz(),
    }
    print(json.dumps(facts))


def resident_mb(what: str) -> float:
    """Memory of this process now (VmRSS) or at most (VmHWM), in MB; on Linux."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(what))


def measure(script: Path, chosen: list[Case], work: Path, out: Path, repeat: int) -> None:
    """Measure every case by every layer, in turn, each in a process of its own."""
    done = {(m["case"], m["layer"], m["repeat"]) for m in read(out)}
    for number in range(repeat):
        for case in chosen:
            for layer in LAYERS:
                if (case.name, layer, number) in done:
                    continue
                command = [sys.executable, str(script), "state", str(case.folder(work)), layer]
                printed = subprocess.run(command, capture_output=True, text=True, check=True)
                facts = json.loads(printed.stdout.splitlines()[-1])
                facts = {"case": case.name, "layer": layer, "repeat": number, **facts}
                with out.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(facts) + "\n")
                print(f"{case.name} {layer}: {facts['seconds']:.2f} s, {facts['mb']:.0f} MB, "
                      f"{facts['nonzeros']:,} nonzeros")  # fmt: skip


def read(file: Path) -> list[dict[str, Any]]:
    """Measurements so far."""
    return list(events(file))
