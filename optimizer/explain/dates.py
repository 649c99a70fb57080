"""What could come earlier: upgrades, steps of firm power, first years of sites."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from optimizer.explain import changes, power_changes
from optimizer.explain.causes import Conflict
from optimizer.explain.changes import Change
from optimizer.explain.places import FIRST_LINE, Place, of_dates, rows
from optimizer.instance import Instance


@dataclass(frozen=True)
class Date:
    """Something that could come earlier.

    Parameters
    ----------
    what : in words.
    most_years : by how many years at most.
    places : rows that say when it comes.
    moved : the change that brings it forward by some years.
    opens : it lets a site open, not only draw more power.
    supplies : it lets a site make its own power.
    """

    what: str
    most_years: int
    places: tuple[Place, ...]
    moved: Callable[[int], Change]
    opens: bool = False
    supplies: bool = False


def dates(instance: Instance, conflicts: list[Conflict]) -> Iterator[Date]:
    """Everything late at the nodes and sites of some conflicts; at all, where none are known."""
    sites = {site for conflict in conflicts for site in conflict.sites}
    nodes = {node for conflict in conflicts for node in conflict.nodes}
    first = instance.manifest.stages[0]
    for node in sorted(nodes) or instance.tables["nodes"].node:
        yield from upgrades(instance, node, first)
        yield from connection(instance, node, first)
    for site in sorted(sites) or instance.tables["sites"].site:
        for row, own in rows(instance, "sites", site=site).iterrows():
            if own.earliest_year > first:
                yield Date(
                    f"site {site}",
                    int(own.earliest_year - first),
                    (Place("sites", row + FIRST_LINE, f"{site} not before {own.earliest_year}"),),
                    partial(moved_site, site),
                    opens=True,
                )
    if not instance.tables["slices"].empty:
        yield from supply(instance, nodes, first)


def supply(instance: Instance, nodes: set[str], first: int) -> Iterator[Date]:
    """Technologies at the sites of some nodes, or of any, that are not there at once."""
    technologies = instance.tables["technologies"].set_index("technology")
    site_node = instance.tables["sites"].set_index("site").node
    for row, own in instance.tables["site_technologies"].iterrows():
        lead_years = technologies.lead_years[own.technology]
        wait = max(0, own.earliest_year - first)
        if wait + lead_years > 0 and (not nodes or site_node[own.site] in nodes):
            says = f"{own.technology} {lead_years:g} years after its order"
            yield Date(
                f"{own.technology} at {own.site}",
                int(wait + lead_years),
                (Place("site_technologies", row + FIRST_LINE, says),),
                partial(moved_supply, own.site, own.technology),
                supplies=True,
            )


def upgrades(instance: Instance, node: str, first: int) -> Iterator[Date]:
    """Upgrades of a node that are not there at once."""
    for row, own in rows(instance, "upgrades", node=node).iterrows():
        wait = max(0, own.earliest_year - first)
        if wait + own.lead_years > 0:
            says = f"{own.lead_years:g} years after its order"
            yield Date(
                f"upgrade {own.upgrade} at {node}",
                int(wait + own.lead_years),
                (Place("upgrades", row + FIRST_LINE, says),),
                partial(moved_upgrade, node, own.upgrade),
            )


def connection(instance: Instance, node: str, first: int) -> Iterator[Date]:
    """A node's firm MW, where they rise later."""
    steps = [place for place in of_dates(instance, [node], []) if place.table == "grid"]
    if steps:
        last = rows(instance, "grid", node=node).year.max()
        moved = partial(moved_grid, node)
        yield Date(f"firm power at {node}", int(last - first), tuple(steps), moved)


def moved_site(site: str, years: int) -> Change:
    """One site so many years earlier."""
    return partial(changes.site_earlier, site=site, years=years)


def moved_upgrade(node: str, upgrade: str, years: int) -> Change:
    """One upgrade so many years earlier."""
    return partial(changes.upgrade_earlier, node=node, upgrade=upgrade, years=years)


def moved_grid(node: str, years: int) -> Change:
    """A node's steps of firm MW so many years earlier."""
    return partial(changes.grid_earlier, node=node, years=years)


def moved_supply(site: str, technology: str, years: int) -> Change:
    """A technology at a site so many years earlier."""
    return partial(power_changes.supply_earlier, site=site, technology=technology, years=years)
