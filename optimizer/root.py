"""An ascent in the place of the linear relaxation, with covers that bring it further."""

import math
import time
from dataclasses import dataclass

import numpy as np

from optimizer.ascent import FIRST_AIM, WARM_AIM, Ascent, ascend
from optimizer.covers import bases, broken_covers, evenly_open, with_covers
from optimizer.outcome import Control
from optimizer.pricing import Pricing
from optimizer.program import Program
from optimizer.relaxation import Links, Relaxation
from optimizer.stations import Stations

# Processor time that an ascent may take.
ASCENT_SECONDS = 60.0
# Ascents, each with the covers that the average of the one before breaks.
COVER_ROUNDS = 3
# Steps that prices take again once covers are gone.
LAST_STEPS = 300
# Shares that an average of answers uses: their links are written at once.
USED_SHARE = 1e-2


@dataclass(frozen=True)
class Root:
    """An ascent over a program with covers.

    Parameters
    ----------
    program, stations : with covers as rows behind the program's own.
    ascent : the last one.
    own : program and stations without the covers.
    openings : (openings, stations) what answers of all ascents opened, the best bounds first.
    """

    program: Program
    stations: Stations
    ascent: Ascent
    own: tuple[Program, Stations]
    openings: np.ndarray

    @property
    def bound(self) -> float:
        """No plan costs less."""
        return self.ascent.answer.bound

    def own_prices(self, control: Control) -> tuple[Stations, np.ndarray]:
        """Stations and prices without the covers: a certificate knows none."""
        program, stations = self.own
        price = self.ascent.price[: len(program.row_lower)]
        if len(price) < len(self.ascent.price):
            pricing = Pricing(program, stations)
            price = ascend(pricing, price, control, steps=LAST_STEPS, first_aim=WARM_AIM).price
        return stations, price

    def relaxation(self, links: Links) -> Relaxation:
        """What an optimum of the relaxation would say."""
        answer, average = self.ascent.answer, self.ascent.average
        return Relaxation(
            values=answer.values,
            used=average,
            reduced_cost=answer.reduced_cost,
            written=np.flatnonzero(average[links.column] > USED_SHARE),
            bound=answer.bound,
            row_dual=np.array([]),
            link_dual=np.array([]),
        )


def climb(program: Program, stations: Stations, control: Control) -> Root:
    """Come near the relaxation by ascents, without solving it, and further by covers."""
    until = time.monotonic() + min(ASCENT_SECONDS, control.seconds_left() / 4)
    own = program, stations
    price, ascent, sums = None, None, bases(program, stations)
    openings: dict[bytes, float] = {}
    for _ in range(COVER_ROUNDS):
        point = ascent.average if ascent else evenly_open(program, sums)
        covers = broken_covers(sums, point)
        if ascent is not None and not covers:
            break
        program, stations = with_covers(program, stations, covers)
        pricing = Pricing(program, stations)
        if ascent is None:
            price, aim = pricing.first_price(), FIRST_AIM
        else:
            price, aim = np.append(ascent.price, np.zeros(len(covers))), WARM_AIM
        seconds = until - time.monotonic()
        ascent = ascend(pricing, price, control, seconds=seconds, first_aim=aim)
        for opened, bound in ascent.openings.items():
            openings[opened] = max(openings.get(opened, -math.inf), bound)
        control.on_progress("ascent", math.inf, ascent.answer.bound)
    assert ascent is not None
    by_bound = sorted(openings, key=lambda opened: -openings[opened])
    masks = np.frombuffer(b"".join(by_bound), dtype=bool).reshape(len(by_bound), len(stations.gate))
    return Root(program, stations, ascent, own, masks)
