"""Where capacity stands: sites open once, stay open, and fill with IT MW up to their hall."""

import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum


def add_siting(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.siting`.

    Sets: `OPENINGS` (site, stage) in which a site without existing capacity may be in use;
    `EXTENSIONS` (site, stage) in which IT MW bought in any amount may stand; `BLOCK_EXTENSIONS`
    the same for sites that buy whole blocks.

    Variables, all cumulative over the stages, so that a later stage includes the earlier ones:
    `open` binary; `extended_mw` new IT MW, at least 0; `blocks` new blocks, a whole number.

    Expressions by (site, stage): `in_use` 0 to 1; `new_mw` in IT MW.
    """
    siting = model.siting = pyo.Block()
    sites = siting.sites = inputs.sites.to_dict("index")
    siting.stage_before = {t: inputs.before(t) for t in inputs.stages}
    siting.room_mw = {
        s: site["max_it_mw"] - site["existing_it_mw"]
        for s, site in sites.items()
        if site["max_it_mw"] > site["existing_it_mw"]
    }
    siting.most_blocks = {s: int(most) for s, most in inputs.most_blocks.dropna().items()}
    available = [
        (s, t) for s, site in sites.items() for t in inputs.stages if t >= site["earliest_year"]
    ]
    siting.OPENINGS = pyo.Set(
        dimen=2, initialize=[(s, t) for s, t in available if not sites[s]["existing_it_mw"]]
    )
    siting.EXTENSIONS = pyo.Set(
        dimen=2,
        initialize=[
            (s, t) for s, t in available if s in siting.room_mw and s not in siting.most_blocks
        ],
    )
    siting.BLOCK_EXTENSIONS = pyo.Set(
        dimen=2, initialize=[(s, t) for s, t in available if siting.most_blocks.get(s)]
    )
    # Starts at 0, and stays there where no row and no cost speaks of a site.
    siting.open = pyo.Var(siting.OPENINGS, domain=pyo.Binary, initialize=0)
    siting.extended_mw = pyo.Var(
        siting.EXTENSIONS,
        domain=pyo.NonNegativeReals,
        bounds=lambda block, s, _: (0, block.room_mw[s]),
    )
    siting.blocks = pyo.Var(
        siting.BLOCK_EXTENSIONS,
        domain=pyo.NonNegativeIntegers,
        bounds=lambda block, s, _: (0, block.most_blocks[s]),
    )
    siting.in_use = pyo.Expression(model.SITES, model.STAGES, rule=in_use)
    siting.new_mw = pyo.Expression(model.SITES, model.STAGES, rule=new_mw)
    siting.stays_open = pyo.Constraint(siting.OPENINGS, rule=stays_open)
    siting.stays_extended = pyo.Constraint(siting.EXTENSIONS, rule=stays_extended)
    siting.keeps_blocks = pyo.Constraint(siting.BLOCK_EXTENSIONS, rule=keeps_blocks)
    siting.hall_limit = pyo.Constraint(siting.OPENINGS, rule=hall_limit)


def in_use(siting: pyo.Block, s: str, t: int) -> object:
    """Whether a site is in use: always with existing capacity, never before `earliest_year`."""
    if siting.sites[s]["existing_it_mw"]:
        return 1
    if (s, t) in siting.open:
        return siting.open[s, t]
    return 0


def new_mw(siting: pyo.Block, s: str, t: int) -> object:
    """IT MW bought up to and including stage t."""
    if (s, t) in siting.extended_mw:
        return siting.extended_mw[s, t]
    if (s, t) in siting.blocks:
        return siting.sites[s]["block_mw"] * siting.blocks[s, t]
    return 0


def stays_open(siting: pyo.Block, s: str, t: int) -> object:
    r"""A site once open stays open.

    $$\mathrm{open}_{s,t-1} \le \mathrm{open}_{s,t}$$

    Unit: none. Source: instance format, "once, and stay open".
    """
    return never_falls(siting.open, (s, siting.stage_before[t]), (s, t))


def stays_extended(siting: pyo.Block, s: str, t: int) -> object:
    r"""IT capacity bought in any amount is never taken away.

    $$\mathrm{extended\_mw}_{s,t-1} \le \mathrm{extended\_mw}_{s,t}$$

    Unit: IT MW. Source: instance format, "never taken away".
    """
    return never_falls(siting.extended_mw, (s, siting.stage_before[t]), (s, t))


def keeps_blocks(siting: pyo.Block, s: str, t: int) -> object:
    r"""Blocks bought are never taken away.

    $$\mathrm{blocks}_{s,t-1} \le \mathrm{blocks}_{s,t}$$

    Unit: blocks of `block_mw`. Source: instance format, "never taken away".
    """
    return never_falls(siting.blocks, (s, siting.stage_before[t]), (s, t))


def hall_limit(siting: pyo.Block, s: str, t: int) -> object:
    r"""New capacity needs an open site and fits its hall.

    $$\mathrm{extended\_mw}_{s,t} \le
      (\mathrm{max\_it\_mw}_s - \mathrm{existing\_it\_mw}_s)\,\mathrm{open}_{s,t}$$

    and for sites that buy blocks

    $$\mathrm{blocks}_{s,t} \le \left\lfloor
      (\mathrm{max\_it\_mw}_s - \mathrm{existing\_it\_mw}_s) / \mathrm{block\_mw}_s
      \right\rfloor \mathrm{open}_{s,t}$$

    Unit: IT MW, or blocks. Sites with existing capacity are always open: there it is a bound.
    Source: instance format, "at most `max_it_mw`, zero unless open".
    """
    if (s, t) in siting.extended_mw:
        return siting.extended_mw[s, t] <= siting.room_mw[s] * siting.open[s, t]
    if (s, t) in siting.blocks:
        return siting.blocks[s, t] <= siting.most_blocks[s] * siting.open[s, t]
    return pyo.Constraint.Skip


def never_falls(variable: pyo.Var, before: tuple, now: tuple) -> object:
    """Row that keeps a cumulative variable from falling; none where there is nothing before."""
    return variable[before] <= variable[now] if before in variable else pyo.Constraint.Skip


def installed_terms(model: pyo.ConcreteModel, s: str, t: int) -> tuple[list, float]:
    """IT MW that stand at a site as terms, of what was bought, and a constant, what existed."""
    siting = model.siting
    existing_mw = siting.sites[s]["existing_it_mw"]
    if (s, t) in siting.extended_mw:
        return [(1.0, siting.extended_mw[s, t])], existing_mw
    if (s, t) in siting.blocks:
        return [(siting.sites[s]["block_mw"], siting.blocks[s, t])], existing_mw
    return [], existing_mw


def within_installed(model: pyo.ConcreteModel, terms: list, s: str, t: int) -> object:
    """Row that terms add up to at most the IT MW that stand at a site."""
    installed, existing_mw = installed_terms(model, s, t)
    coefficients, variables = zip(*terms, *((-mw, unit) for mw, unit in installed), strict=True)
    return WeightedSum(coefficients, variables) <= existing_mw
