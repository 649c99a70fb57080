"""Runs whose maps are looked at."""

import csv
from pathlib import Path

from tests.optimizer.hand_made_run import sign, write_run

SCRIPT = "</script><script>document.title = 'run'</script><img src=x onerror=alert(1)>"
ARABIC = "مركز البيانات"
# What a checked instance lets through is only text; the tables of a run may hold anything.
FROM_RIGHT = f"\u202e{ARABIC}\u2028"
LONG = "endless" * 72  # 504 characters without a place to break
TEMPLATE = "<!--${policy} $content &lt;script&gt; {{x}}"


def write_hostile_run(run: Path) -> Path:
    """The run written by hand, with names that would be code if anybody let them."""
    write_run(run)
    table = run / "instance" / "regions.csv"
    change(table, "name", {"delft": SCRIPT, "lille": ARABIC})
    change(run / "instance" / "nodes.csv", "name", {"port": SCRIPT, "plain": LONG[:200]})
    change(run / "tables" / "sites.csv", "name", {"north": SCRIPT, "south": LONG})
    operators = {"north": f"{FROM_RIGHT}{TEMPLATE}", "south": "constructor"}
    change(run / "tables" / "sites.csv", "operator", operators)
    # Every object of JavaScript has something that is called so.
    compliance = run / "tables" / "compliance.csv"
    text = compliance.read_text(encoding="utf-8").replace("*,acme,", "*,constructor,")
    compliance.write_text(text, encoding="utf-8")
    manifest = run / "instance" / "instance.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace('"Two sites by hand"', f"'''{SCRIPT}{TEMPLATE}'''"), encoding="utf-8"
    )
    return sign(run)


def write_idle_run(run: Path) -> Path:
    """The same instance, of which nothing is built."""
    write_run(run)
    for name in ("capacity", "serving", "energy", "costs", "compliance", "unserved"):
        table = run / "tables" / f"{name}.csv"
        header = table.read_text(encoding="utf-8").splitlines()[0]
        table.write_text(f"{header}\n", encoding="utf-8")
    rows = [f"{site},{year},0,0,0,0,0\n" for site in ("north", "south") for year in (2026, 2028)]
    with (run / "tables" / "capacity.csv").open("a", encoding="utf-8") as file:
        file.writelines(rows)
    # A place that nobody knows is no place on a map.
    change(run / "tables" / "sites.csv", "latitude", {"north": "", "south": "10"})
    return run


def change(table: Path, column: str, values: dict[str, str]) -> None:
    """Write texts into a column, which may be new, by the first one."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    key = next(iter(rows[0]))
    for row in rows:
        row[column] = values[row[key]]
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
