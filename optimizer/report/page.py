"""The page: all that the report says, put into its template as text, never as markup."""

from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from optimizer.content_policy import content_policy
from optimizer.report.facts import Facts, headline, key_numbers, watch_sentences
from optimizer.report.limits import kept_limits
from optimizer.report.pictures import pictures
from optimizer.report.risks import risks
from optimizer.report.rules import kept_rules
from optimizer.report.sections import (
    basis_table,
    costs_table,
    energy_table,
    manifest_rows,
    plan_tables,
    rules_table,
    sites_table,
    sources_table,
    spending_table,
    stages_table,
)
from optimizer.report.sites import largest_sites, why_there

TEMPLATE = "report.html"


def write_page(facts: Facts, figures: Path, path: Path, beside: list[tuple[str, str]]) -> None:
    """Write report.html.

    Parameters
    ----------
    figures : folder with the figures as SVG, which the page takes in.
    beside : names of other files that lie beside the page, with what they are.
    """
    rules, limits = kept_rules(facts), kept_limits(facts)
    kept = [*rules, *limits]
    binding = [limit.name for limit in kept if limit.binds]
    manifest = facts.run.instance.manifest
    environment = Environment(
        loader=PackageLoader("optimizer.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (own_file(environment, name) for name in ("report.css", "report.js"))
    page = environment.get_template(TEMPLATE).render(
        title=manifest.title,
        years=f"{manifest.stages[0]} to {manifest.horizon_end - 1}",
        version=version("sitewatt"),
        policy=content_policy([script], [style]),
        style=style,
        script=script,
        headline=[*headline(facts), *watch_sentences(facts, binding, len(kept))],
        key_numbers=key_numbers(facts),
        pictures=pictures(facts, figures),
        why=why_there(facts),
        sites=sites_table(facts, largest_sites(facts)),
        stages=stages_table(facts),
        costs=costs_table(facts),
        spending=spending_table(facts),
        energy=energy_table(facts),
        rules=rules_table("rules", "Sovereignty rules", rules),
        limits=rules_table("limits", "Other limits", limits),
        basis=basis_table(rules),
        kept=all(limit.holds for limit in kept),
        binding=len(binding),
        risks=risks(facts, kept),
        settings=manifest_rows(facts),
        sources=sources_table(facts),
        tables=list(plan_tables(facts)),
        record=facts.record,
        beside=beside,
    )
    path.write_text(page, encoding="utf-8", newline="\n")


def own_file(environment: Environment, name: str) -> Markup:
    """Style or script of the page, which is ours and goes in as it is."""
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])
