"""The plain siting problem in linopy, with every strong link."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from bench.siting import Siting


def state(siting: Siting, *, links: bool) -> Any:
    """State it: the rows of the Pyomo model, and the strong links if asked for.

    Returns
    -------
    linopy.Model
    """
    import linopy  # noqa: PLC0415 — an extra

    linopy.options["semantics"] = "v1"
    demands = pd.RangeIndex(len(siting.demand_mw), name="demand")
    sites = pd.RangeIndex(len(siting.hall_mw), name="site")
    services = pd.RangeIndex(len(siting.demand), name="service")

    def by_site(values: np.ndarray) -> xr.DataArray:
        return xr.DataArray(values, coords=[sites])

    demand = xr.DataArray(siting.demand, coords=[services], name="demand")
    site = xr.DataArray(siting.site, coords=[services], name="site")
    mw = xr.DataArray(siting.demand_mw[siting.demand], coords=[services])
    model = linopy.Model()
    serve = model.add_variables(0, 1, coords=[services], name="serve")
    is_open = model.add_variables(binary=True, coords=[sites], name="open")
    new_mw = model.add_variables(0, by_site(siting.hall_mw), name="new_mw")
    load_mw = model.add_variables(0, by_site(siting.reach_mw), name="load_mw")
    model.add_constraints(serve.groupby(demand).sum() == 1, name="all_served")
    served_mw = (mw * serve).groupby(site).sum().reindex(site=sites)
    model.add_constraints(served_mw - load_mw == 0, name="load_balance")
    model.add_constraints(load_mw - new_mw <= 0, name="enough_capacity")
    model.add_constraints(new_mw - by_site(siting.hall_mw) * is_open <= 0, name="hall_limit")
    power_mw = by_site(siting.power_mw)
    for gated in (False, True):
        at = sites[siting.gated == gated]
        if len(at):
            gate = is_open.sel(site=at) if gated else 1
            limit = load_mw.sel(site=at) - power_mw.sel(site=at) * gate
            model.add_constraints(limit <= 0, name=f"node_limit_{gated}")
    if links:
        gates = is_open.sel(site=site)
        most = xr.DataArray(siting.link, coords=[services])
        model.add_constraints(serve - most * gates <= 0, name="strong_links")
        model.add_constraints(load_mw - by_site(siting.reach_mw) * is_open <= 0, name="load_links")
    cost = xr.DataArray(siting.share_cost, coords=[services])
    model.add_objective(
        (cost * serve).sum()
        + (by_site(siting.opening_cost) * is_open).sum()
        + (by_site(siting.it_cost_per_mw) * new_mw).sum()
    )
    assert list(demands) == sorted(set(siting.demand.tolist()))
    return model
