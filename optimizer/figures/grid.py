"""Figure of the grid: what is left at each node in each stage."""

from typing import TYPE_CHECKING

import pandas as pd

from optimizer.digits import digits
from optimizer.figures.style import caption, cells, name_of, new_figure
from optimizer.finished import NOTHING_MW, Finished

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_NODES = 30


def draw_grid(run: Finished) -> "Figure":
    """Headroom of the nodes that are fullest, coloured by the part of their power that is drawn."""
    use, used = tightest(run)
    headroom = use.pivot(index="node", columns="year", values="headroom_mw").loc[used.index]
    figure = new_figure(
        run, "Headroom at grid nodes", 2.6 + 0.95 * len(run.stages), 1.5 + 0.22 * max(len(used), 8)
    )
    axes = figure.subplots()
    shown = headroom.map(lambda mw: digits(max(mw, 0.0))).where(used.notna(), "–").to_numpy()
    if len(used):
        cells(axes, 100 * used.to_numpy(float), shown, highest=100, name="% of its power drawn")
    axes.set_yticks(
        range(len(used)), [name_of(run.node_names[node]) for node in used.index], fontsize=7.5
    )
    axes.set_xticks(range(len(run.stages)), [str(year) for year in run.stages])
    axes.set_xlabel("stage, by its first year")
    axes.set_title("MW left of what is firm and added", loc="left")
    left_out = run.tables["grid_use"].node.nunique() - len(used)
    if left_out > 0:
        nodes = "1 node is" if left_out == 1 else f"{left_out} nodes are"
        caption(figure, run, f"{nodes} left out, with more room or out of use.")
    return figure


def tightest(run: Finished) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Use of the grid, and the share that is drawn by node and stage, the fullest node first."""
    use = run.tables["grid_use"]
    power_mw = use.firm_mw + use.upgrade_mw
    use = use.assign(used=use.drawn_mw / power_mw.where(power_mw > NOTHING_MW))
    drawn = use.groupby("node").drawn_mw.max()
    table = use.pivot(index="node", columns="year", values="used")
    table = table.loc[drawn.index[drawn > NOTHING_MW]].reindex(columns=run.stages)
    order = pd.DataFrame({"mean": table.mean(axis=1).round(6), "mw": drawn.reindex(table.index)})
    order = order.sort_values(["mean", "mw"], ascending=False, kind="stable")
    return use, table.loc[order.index[:MOST_NODES]]
