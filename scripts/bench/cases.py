"""What is solved: OR-Library's files, random problems of their kind, and shipped instances."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import make_instance
import numpy as np
from import_orlib import Benchmark, parse, write_instance

from bench.stages import write_first_stages
from optimizer.folders import written_aside

ROOT = Path(__file__).parents[2]
BENCH = Path(os.environ.get("SITEWATT_BENCH", ROOT.parent / "shared" / "bench"))
# Beasley's large files (1988): 100 sites that reach all of 1,000 customers.
LIKE_SITES, LIKE_CUSTOMERS = 100, 1000
LIKE_OPENING_COST = 1.36e6, 2.26e6
# Sparse ones in a square: some 50 of 200 sites pay.
SQUARE_SITES, SQUARE_CUSTOMERS, SQUARE_ROUTES = 200, 2000, 50
SQUARE_OPENING_COST = 4e4, 6.8e4
# Cornuéjols, Sridharan and Thizy (1991): sites differ sixteenfold in size, and must hold a third to
# a fifteenth of what they could; serving costs ten times the way in a square of length 1.
MIXED_DEMAND, MIXED_SIZE, COST_OF_WAY = (5, 35), (10, 160), 10
MIXED = (("mixed_50x200_3", 50, 200, 3), ("mixed_100x100_5", 100, 100, 5),
         ("mixed_60x150_15", 60, 150, 15), ("mixed_300x300_20", 300, 300, 20))  # fmt: skip
# Ghosh (2003): nobody is near to anybody. Of its three kinds, those of middling opening costs.
PLACELESS_SITES, PLACELESS_COST, PLACELESS_HELD = 80, (1000, 2000), 8


@dataclass(frozen=True)
class Case:
    """One problem.

    Parameters
    ----------
    name, family : as in the tables.
    write : writes its instance into a folder; None where it is one of `instances/`.
    everyone : whether solvers other than HiGHS are asked, too.
    growth : what its family grows by, if it is there to show growth.
    """

    name: str
    family: str
    write: Callable[[Path], object] | None = None
    everyone: bool = False
    growth: int | None = None

    def folder(self, work: Path) -> Path:
        """Folder of the instance, written below `work` if it is not there yet."""
        if self.write is None:
            return ROOT / "instances" / self.name
        place = work / self.name
        if not place.exists():
            with written_aside(place) as folder:
                self.write(folder)
        return place


def all_cases() -> list[Case]:
    """Every case that there is data for, small ones first."""
    of_literature = [*orlib(), *capa_like(), *in_squares(), *mixed(), *placeless()]
    return [*of_literature, *random_cases(), *shipped(), *growing()]


def orlib() -> Iterator[Case]:
    """OR-Library's files, where they lie in `SITEWATT_BENCH`."""
    for stem, capacity in (
        *((f"cap{number}", None) for number in (41, 64, 74, 84, 94, 104, 114, 124, 134)),
        *(("capa", capacity) for capacity in (8000, 10000, 12000, 14000)),
    ):
        file = BENCH / "orlib" / f"{stem}.txt"
        if file.exists():
            name = stem if capacity is None else f"{stem}_{capacity}"
            large = capacity is not None
            yield Case(name, "capa" if large else "cap", partial(write_orlib, file, capacity), True)


def write_orlib(file: Path, capacity: int | None, folder: Path) -> None:
    """Write a file of OR-Library as an instance."""
    benchmark = parse(file.read_text(encoding="ascii"), capacity)
    write_instance(folder, file.stem, benchmark, file.name)


def capa_like() -> Iterator[Case]:
    """Random problems of capa's kind."""
    for seed, capacity in enumerate((8000, 10000, 12000)):
        name = f"like_capa_{capacity}"
        sizes = LIKE_SITES, LIKE_CUSTOMERS, LIKE_SITES
        write = partial(write_in_square, name, seed, capacity, sizes, LIKE_OPENING_COST)
        yield Case(name, "capa-like", write, True)


def in_squares() -> Iterator[Case]:
    """Sparse random problems in which the way to customers weighs as much as the sites."""
    sizes = SQUARE_SITES, SQUARE_CUSTOMERS, SQUARE_ROUTES
    for seed, capacity in enumerate((3000, 4000, 6000)):
        name = f"square_200x2000x50_{capacity}"
        write = partial(write_in_square, name, seed, capacity, sizes, SQUARE_OPENING_COST)
        yield Case(name, "square", write)


def write_in_square(
    name: str,
    seed: int,
    capacity: int,
    sizes: tuple[int, int, int],
    opening_cost: tuple[float, float],
    folder: Path,
) -> None:
    """Write a random problem in a square, where serving costs about as much as it is far.

    Parameters
    ----------
    sizes : sites, customers, and sites that each customer may be served from, the nearest.
    opening_cost : least and most.
    """
    sites, customers, routes_each = sizes
    dice = np.random.default_rng(seed)
    of_sites, of_customers = (
        dice.uniform(0, 1000, (sites, 2)),
        dice.uniform(0, 1000, (customers, 2)),
    )
    far = np.linalg.norm(of_customers[:, None] - of_sites, axis=2)
    demand = dice.integers(1, 101, customers)
    openings = dice.uniform(*opening_cost, sites)
    cost = (demand[:, None] * far * dice.uniform(1, 1.25, far.shape)).round(3)
    furthest = np.sort(far, axis=1)[:, routes_each - 1]
    cost[far > furthest[:, None]] = np.inf
    benchmark = Benchmark(
        capacity=[float(capacity)] * sites,
        opening_cost=openings.round().tolist(),
        demand=demand.astype(float).tolist(),
        cost=cost.tolist(),
    )
    write_instance(folder, name, benchmark, "random")


def mixed() -> Iterator[Case]:
    """Random problems of sites of very different sizes."""
    for seed, (name, sites, customers, ratio) in enumerate(MIXED):
        write = partial(write_mixed, name, seed, (sites, customers), ratio)
        yield Case(name, "mixed", write)


def write_mixed(name: str, seed: int, sizes: tuple[int, int], ratio: float, folder: Path) -> None:
    """Write a random problem whose sites could hold so many times the demand."""
    dice = np.random.default_rng(seed)
    sites, customers = (dice.uniform(0, 1, (count, 2)) for count in sizes)
    demand = dice.uniform(*MIXED_DEMAND, len(customers)).round(2)
    size = dice.uniform(*MIXED_SIZE, len(sites))
    openings = dice.uniform(0, 90, len(sites)) + dice.uniform(100, 110, len(sites)) * np.sqrt(size)
    far = np.linalg.norm(customers[:, None] - sites, axis=2)
    benchmark = Benchmark(
        capacity=(size * ratio * demand.sum() / size.sum()).round(3).tolist(),
        opening_cost=openings.round(2).tolist(),
        demand=demand.tolist(),
        cost=(COST_OF_WAY * demand[:, None] * far).round(3).tolist(),
    )
    write_instance(folder, name, benchmark, "random")


def placeless() -> Iterator[Case]:
    """Random problems in which what it costs to serve a customer does not depend on places."""
    for seed in range(2):
        name = f"placeless_{PLACELESS_SITES}_{seed}"
        yield Case(name, "placeless", partial(write_placeless, name, seed))


def write_placeless(name: str, seed: int, folder: Path) -> None:
    """Write a random problem of as many customers as sites, each of which holds some of them."""
    dice, count = np.random.default_rng(seed), PLACELESS_SITES
    least, most = PLACELESS_COST
    benchmark = Benchmark(
        capacity=[count / PLACELESS_HELD] * count,
        opening_cost=dice.integers(least, most + 1, count).astype(float).tolist(),
        demand=[1.0] * count,
        cost=dice.integers(least, most + 1, (count, count)).astype(float).tolist(),
    )
    write_instance(folder, name, benchmark, "random")


def random_cases() -> Iterator[Case]:
    """Sparse random problems of growing size, as `make_instance` draws them."""
    for sites, regions, routes in (
        (50, 500, 20),
        (100, 1000, 30),
        (200, 2000, 50),
        (500, 5000, 20),
        (1000, 10_000, 20),
    ):
        name = f"random_{sites}x{regions}x{routes}"
        write = drawn(sites=sites, regions=regions, routes_each=routes)
        yield Case(name, "random", write, sites <= 200, regions * routes)
    for seed, tightness in ((1, 0.4), (2, 0.4), (1, 0.8), (2, 0.8)):
        name = f"random_200x2000x50_seed{seed}_full{100 * tightness:.0f}"
        write = drawn(sites=200, regions=2000, routes_each=50, seed=seed, tightness=tightness)
        yield Case(name, "random-200", write)
    for seed, stages, block_mw in ((1, 1, 10), (2, 1, 10), (1, 2, 10), (2, 2, 25)):
        name = f"blocks_{stages}_{block_mw}_seed{seed}"
        yield Case(
            name,
            "blocks",
            drawn(
                sites=60, regions=600, routes_each=20, stages=stages, seed=seed, block_mw=block_mw
            ),
        )


def drawn(**wanted: float) -> Callable[[Path], object]:
    """Writer of a random instance."""
    return partial(make_instance.write, wanted=make_instance.Wanted(**wanted))  # type: ignore[arg-type]


def shipped() -> Iterator[Case]:
    """Instances that come with Sitewatt."""
    yield Case("europe", "instances")
    yield Case("world", "instances")
    yield Case("europe_hourly", "instances")


def growing() -> Iterator[Case]:
    """Random problems and shipped instances with more and more stages, or slices."""
    for stages in (1, 2, 4, 8):
        write = drawn(sites=60, regions=600, routes_each=20, stages=stages)
        yield Case(f"stages_{stages}", "stages", write, growth=stages)
    for name in ("europe", "world"):
        for stages in range(1, 6):
            write = partial(write_first_stages, ROOT / "instances" / name, stages)
            yield Case(f"{name}_{stages}", f"{name}-stages", write, growth=stages)
    for slices in (2, 4, 8, 16, 24):
        write = drawn(sites=40, regions=200, routes_each=10, slices=slices, powered=0.5)
        yield Case(f"slices_{slices}", "slices", write, growth=slices)
