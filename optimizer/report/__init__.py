"""A report of a plan: a page for a board, with maps, workbook, GIS files and figures beside it."""

from collections.abc import Callable
from pathlib import Path

from optimizer.audit import audit_run
from optimizer.errors import AuditFailed, SitewattError
from optimizer.export import write_qgis
from optimizer.figures import draw_into
from optimizer.figures.dispatch import choose_sites
from optimizer.finished import read_finished
from optimizer.folders import written_aside
from optimizer.maps import write_map
from optimizer.report.facts import Facts
from optimizer.report.page import write_page
from optimizer.run_files import read_record
from optimizer.workbook import write_workbook

PAGE = "report.html"
# Each takes a second to draw; `sitewatt figures` draws more, and in other formats.
MOST_DISPATCHES = 3
BESIDE = {
    "map.html": "a map to click through, stage by stage",
    "plan.xlsx": "all tables as a workbook",
    "plan.qgz": "a project that opens the plan styled in QGIS",
    "plan.gpkg": "its layers for any GIS",
    "figures": "the figures as SVG",
}


def write_report(
    run: Path, out: Path, tell: Callable[[str], None], *, overwrite: bool = False
) -> list[str]:
    """Write all that people look at of a finished run into a new folder.

    Parameters
    ----------
    tell : called with what is being done.

    Returns
    -------
    list
        Names of what is in the folder.

    Raises
    ------
    SitewattError
        The run is not whole or its instance is another; also AuditFailed, InvalidInstance, and
        AlreadyThere.
    """
    with written_aside(out, overwrite=overwrite) as folder:
        tell("read")
        facts = read_facts(run)
        (folder / "figures").mkdir(parents=True)
        tell("figures")
        sites = choose_sites(facts.run, [])[:MOST_DISPATCHES]
        draw_into(folder / "figures", facts.run, sites)
        tell("map")
        write_map(run, folder / "map.html")
        tell("workbook")
        write_workbook(run, folder / "plan.xlsx")
        tell("GIS files")
        write_qgis(run, folder)
        tell("page")
        beside = [(file, what) for file, what in BESIDE.items() if (folder / file).exists()]
        write_page(facts, folder / "figures", folder / PAGE, beside)
        return sorted(path.name for path in folder.iterdir())


def read_facts(run: Path) -> Facts:
    """Read a run, and audit it: nobody should show a plan that does not hold.

    Raises
    ------
    SitewattError
        The run is not whole, or its instance is not the one that was solved; also AuditFailed.
    """
    record = read_record(run)
    finished = read_finished(run)
    if finished.instance.sha256 != record.get("instance_sha256"):
        raise SitewattError(
            f"{run}/instance is not the instance that was solved. Solve it anew: sitewatt solve."
        )
    audit = audit_run(run)
    if not audit.passed:
        raise AuditFailed(
            f"{run} does not stand up to the audit, and so there is no report of it: "
            f"{audit.violations[0].message}. For all that is wrong: sitewatt audit {run}"
        )
    return Facts(finished, record, audit)
