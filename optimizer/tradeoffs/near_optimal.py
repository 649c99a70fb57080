"""What `sitewatt alternatives` finds: plans near a run's cost, and sites over all of them."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.audit import AuditReport
from optimizer.folders import written_aside
from optimizer.highs import Control
from optimizer.run import Options
from optimizer.tradeoffs.alternatives import LIMIT, alternatives
from optimizer.tradeoffs.compare import records
from optimizer.tradeoffs.flips import more_open
from optimizer.tradeoffs.near import Alternative, Near
from optimizer.tradeoffs.plans import Writer
from optimizer.tradeoffs.presence import DEPENDS, Judge, Presence
from optimizer.tradeoffs.problem import Problem, share
from optimizer.why import Run
from optimizer.why.answer import Interval, money, span

# As many sites of each verdict are named on a terminal.
MOST_NAMED = 12
# Part of the time for the plans; most sites are settled by them.
PLANS_SHARE = 0.6


@dataclass(frozen=True)
class NearOptimal:
    """Plans within a budget, the run's own first, and every site over all of them.

    Parameters
    ----------
    within : by what part of it the run's cost may be exceeded.
    budget : the present value that follows.
    why_no_more : why there are fewer plans than asked for; "" where there are not.
    existing : sites with capacity from the start, which every plan has.
    """

    run: Run
    problem: Problem
    within: float
    budget: float
    plans: tuple[Alternative, ...]
    presence: tuple[Presence, ...]
    why_no_more: str
    existing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether all that was asked is proven; else a limit was reached, or a gap missed."""
        proven = [plan.proven for plan in self.plans] + [own.proven for own in self.presence]
        return self.why_no_more != LIMIT and all(proven)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each plan; plan 0 is the run's."""
        first, base = self.plans[0], self.run.cost.most
        rows = [
            {
                "plan": number,
                "cost": plan.cost,
                "above_run": max(0.0, plan.cost / base - 1) if base else 0.0,
                "open_sites": len(plan.open_sites),
                "other_than_run": plan.distance(first),
                "other_than_nearest": min(map(plan.distance, self.plans[:number]), default=0),
                "shared_openings": plan.overlap,
                "shared_openings_least": plan.overlap_least,
                "most_different_proven": int(plan.proven),
                "sites": " ".join(sorted(plan.open_sites)),
            }
            for number, plan in enumerate(self.plans)
        ]
        return pd.DataFrame(rows)

    @property
    def sites(self) -> pd.DataFrame:
        """A row for each site that has a choice."""
        columns = list(Presence.__dataclass_fields__)
        table = pd.DataFrame([asdict(own) for own in self.presence], columns=columns)
        return table.astype({"proven": int}).assign(of_plans=len(self.plans))

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "currency": self.run.record["currency"],
            "within": self.within,
            "budget": self.budget,
            "why_no_more": self.why_no_more,
            "existing": list(self.existing),
            "alternatives": records(self.table),
            "sites": [
                {key: None if value in (float("inf"), -float("inf")) else value
                 for key, value in row.items()}
                for row in records(self.sites)
            ],
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Lines for a terminal."""
        currency = self.run.record["currency"]
        above = f"{100 * self.within:.3g} % above the run's"
        yield f"Plans of at most {money(self.budget)} {currency}, {above}"
        yield f"  the run's cost {span(Interval(self.run.cost.least, self.run.cost.most))}"
        yield "  plan          cost   above   sites  other than run's  than nearest  shared  needed"
        for row in self.table.itertuples():
            yield (
                f"  {row.plan:4}{money(row.cost):>14}{row.above_run:8.2%}{row.open_sites:8}"
                f"{row.other_than_run:18}{row.other_than_nearest:14}"
                f"{row.shared_openings:8}{row.shared_openings_least:8}"
            )
        yield "  shared: openings also in the plans before it; needed: no plan can share fewer"
        if self.why_no_more:
            yield f"  no more: {self.why_no_more}"
        yield "Sites over all plans within the budget, proven where nothing else is said"
        for verdict, own in self.sites.groupby("verdict", sort=True):
            yield f"  {verdict}: {len(own)}"
            for row in own.head(MOST_NAMED).itertuples():
                seen = "" if row.proven else ", only observed"
                often = f" (open in {row.open_in} of {row.of_plans})" if verdict == DEPENDS else ""
                yield f"    {row.site}{often}{seen}"
            if len(own) > MOST_NAMED:
                yield f"    and {len(own) - MOST_NAMED} more"
        if self.existing:
            yield f"  there from the start: {len(self.existing)}"

    def write(
        self, out: Path, *, overwrite: bool, told: Callable[[str], None]
    ) -> dict[str, AuditReport]:
        """Write the tables, and each alternative as an audited run folder.

        Returns
        -------
        dict
            Audit by name of the folder.
        """
        options = Options(gap=self.run.record["options"]["gap"])
        writer = Writer(self.problem, self.run.cost.least, options)
        audits = {}
        with written_aside(out, overwrite=overwrite) as folder:
            folder.mkdir()
            for number, plan in enumerate(self.plans[1:], start=1):
                name = f"alternative-{number}"
                told(f"writing {name}")
                audits[name] = writer.write(writer.cheapest(plan.values), folder / name)
            for name, table in (("alternatives", self.table), ("sites", self.sites)):
                table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        return audits


def near_optimal(
    folder: Path,
    within: float,
    count: int,
    control: Control,
    *,
    told: Callable[[str], None] = lambda _: None,
) -> NearOptimal:
    """Find plans that cost at most a part more than a run's, and judge its sites.

    The time that `control` leaves is shared out among the plans and then among the sites.

    Parameters
    ----------
    count : plans besides the run's.

    Raises
    ------
    SitewattError
        The folder is no run.
    NoPlan, Interrupted
        A limit or an interruption came before its plan was stated.
    """
    run = Run.read(folder)
    told("build")
    problem = Problem.of(run.instance, run.inputs)
    cost = run.cost.most
    budget = cost + within * abs(cost)
    gap = min(run.record["options"]["gap"], within / 10)
    near = Near(problem, budget, run.cost.least, problem.presence(), gap)
    told("the run's own plan")
    own = problem.plan_of(run, control)
    assert own.values is not None
    first = near.plan(own.values)
    known = [first, *more_open(near, first, share(control, 8))]
    told("presence of sites")
    judge = Judge(near, known)
    judge.look(share(control, 4))
    part = share(control, 1 / PLANS_SHARE)
    plans, why_no_more = alternatives(near, judge.known, judge.settled, count, part, told)
    judge.known += plans[1:]
    judge.search(control, told)
    sites = run.inputs.sites
    return NearOptimal(
        run=run,
        problem=problem,
        within=within,
        budget=budget,
        plans=tuple(plans),
        presence=tuple(judge.verdicts(plans)),
        why_no_more=why_no_more,
        existing=tuple(sites.index[sites.existing_it_mw > 0]),
    )
