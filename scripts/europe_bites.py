"""Show that limits of an instance bite: lift each alone, solve again, and see the plan change.

    python scripts/europe_bites.py instances/europe

Lifting a limit can only make plans cheaper. Where the plan found without it costs less than
anything possible with it (the proven bound of the first solve), the first plan is not the best
any more: the limit bit, and not by the solver's tolerance. Takes a solve a limit.
"""

import tempfile
from pathlib import Path
from shutil import copytree

import click
import pandas as pd

from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, Plan, solve_instance

NODES = ("paris", "stockholm", "stavanger", "hamina")
RULES = (
    "health-eu-operators",
    "foreign-operators-of-agents-at-most-50",
    "foreign-operators-of-interactive-at-most-65",
)
AMPLE_MW = 5000
LEAST_NODES, LEAST_RULES = 3, 2


@click.command()
@click.argument("instance", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--node", "nodes", multiple=True, default=NODES, help="Node to give ample power.")
@click.option("--rule", "rules", multiple=True, default=RULES, help="Rule to drop.")
@click.option("--gap", default=5e-4, show_default=True, help="Relative gap of every solve.")
def main(instance: Path, nodes: tuple[str, ...], rules: tuple[str, ...], gap: float) -> None:
    """Solve an instance, then once more without each limit, and report what changes."""
    base = solve(instance, gap)
    click.echo(f"with every limit: {report(base)}")
    biting = {"node": 0, "rule": 0}
    with tempfile.TemporaryDirectory() as scratch:
        for kind, key in [("node", node) for node in nodes] + [("rule", rule) for rule in rules]:
            copy = copytree(instance, Path(scratch) / f"{kind}-{key}")
            (lift_node if kind == "node" else drop_rule)(copy, key)
            relaxed = solve(copy, gap)
            bites = relaxed.record["objective"] < base.record["bound"]
            biting[kind] += bites
            click.echo(
                f"without {kind} {key}: {report(relaxed)}; {moved_mw(base, relaxed):,.0f} MW "
                f"stand elsewhere in the last stage; {'bites' if bites else 'not shown to bite'}"
            )
    if biting["node"] < LEAST_NODES or biting["rule"] < LEAST_RULES:
        raise click.ClickException(f"shown to bite: {biting['node']} nodes, {biting['rule']} rules")


def solve(instance: Path, gap: float) -> Plan:
    """Plan of an instance folder."""
    clock = Clock(report=lambda *_: None)
    return solve_instance(read_instance(instance), Options(gap=gap), Control(), clock)


def lift_node(instance: Path, node: str) -> None:
    """Give a node more power than anybody could use.

    Raises
    ------
    click.BadParameter
        If the instance has no such node.
    """
    path = instance / "grid.csv"
    grid = pd.read_csv(path, dtype=str, keep_default_na=False)
    if node not in set(grid.node):
        raise click.BadParameter(f"no node {node!r}")
    grid.loc[grid.node == node, "firm_mw"] = str(AMPLE_MW)
    grid.to_csv(path, index=False)


def drop_rule(instance: Path, rule: str) -> None:
    """Take one rule out.

    Raises
    ------
    click.BadParameter
        If the instance has no such rule.
    """
    path = instance / "rules.csv"
    rules = pd.read_csv(path, dtype=str, keep_default_na=False)
    if rule not in set(rules.rule):
        raise click.BadParameter(f"no rule {rule!r}")
    rules[rules.rule != rule].to_csv(path, index=False)


def report(plan: Plan) -> str:
    """Cost and bound of a plan, in millions."""
    cost, bound = plan.record["objective"] / 1e6, plan.record["bound"] / 1e6
    return f"costs {cost:,.0f} million, at least {bound:,.0f}"


def moved_mw(one: Plan, other: Plan) -> float:
    """IT MW of the last stage that stand at other sites in the second plan."""
    installed = [
        plan.tables["capacity"].set_index(["site", "year"]).installed_it_mw for plan in (one, other)
    ]
    change = (installed[1] - installed[0]).unstack("year").iloc[:, -1]
    return float(change.clip(lower=0).sum())


if __name__ == "__main__":
    main()
