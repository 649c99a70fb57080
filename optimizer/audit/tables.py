"""Reading what is audited: tables as a run wrote them, with whatever may be wrong in them."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.audit.facts import Facts
from optimizer.audit.report import Ledger
from optimizer.files import ENDINGS
from optimizer.run_files import Unreadable, read_cells


@dataclass(frozen=True)
class Shape:
    """Columns the audit reads of a table.

    Parameters
    ----------
    key : columns that tell its rows apart.
    text, numbers, whole : columns by what they hold; no cell of a number is empty.
    maybe : whole numbers that may be empty.
    other : numbers that may be empty.
    """

    key: tuple[str, ...]
    text: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, once."""
        every = self.key + self.text + self.numbers + self.whole + self.maybe + self.other
        return tuple(dict.fromkeys(every))


SHAPES = {
    "sites": Shape(
        ("site",),
        ("site", "name", "country", "operator", "operator_country", "node"),
        ("max_it_mw", "existing_it_mw"),
        maybe=("opened_year",),
        other=("latitude", "longitude"),
    ),
    "capacity": Shape(
        ("site", "year"),
        ("site",),
        ("new_it_mw", "installed_it_mw", "served_it_mw", "facility_mw"),
        ("year", "open"),
    ),
    "serving": Shape(
        ("region", "workload", "site", "year"),
        ("region", "workload", "site"),
        ("share", "it_mw", "rtt_ms"),
        ("year",),
    ),
    "unserved": Shape(
        ("region", "workload", "year"), ("region", "workload"), ("share", "it_mw"), ("year",)
    ),
    "grid_use": Shape(
        ("node", "year"),
        ("node",),
        ("firm_mw", "upgrade_mw", "drawn_mw", "headroom_mw", "unpowered_mw"),
        ("year",),
    ),
    "upgrades": Shape(
        ("node", "upgrade"),
        ("node", "upgrade"),
        ("mw", "cost"),
        ("ordered_year",),
        ("available_year",),
    ),
    "costs": Shape(
        ("kind", "year", "item"), ("kind", "item"), ("cost", "discounted_cost"), ("year",)
    ),
    "compliance": Shape(
        ("rule", "year", "subject"),
        ("rule", "kind", "workload", "subject"),
        ("governed_it_mw", "value_it_mw", "limit_it_mw", "margin"),
        ("holds",),
        ("year",),
    ),
    "ineligible": Shape(
        ("region", "workload", "reason"),
        ("region", "workload", "reason", "nearest_site"),
        whole=("sites",),
        other=("value", "limit", "miss"),
    ),
    "energy": Shape(("site", "year"), ("site",), ("it_mwh", "facility_mwh", "carbon_t"), ("year",)),
}

SITE, NODE, SLICE, OPTION = ("site", "year"), ("node", "year"), ("slice",), ("site", "technology")
YEAR = ("year",)

# What an instance with slices has besides.
POWER_SHAPES = {
    "dispatch": Shape(
        SITE + SLICE,
        ("site", "slice"),
        ("load_mw", "facility_mw", "grid_mw", "flexible_mw", "exported_mw"),
        YEAR,
    ),
    "generation": Shape(
        OPTION + YEAR + SLICE,
        OPTION + SLICE,
        ("made_mw", "charged_mw", "discharged_mw", "stored_mwh", "ready_mw", "curtailed_mw"),
        YEAR,
    ),
    "moved": Shape(
        ("site", "workload", "year", "slice"),
        ("site", "workload", "slice"),
        ("out_mw", "in_mw", "cut_mw", "ready_mw"),
        YEAR,
    ),
    "supply": Shape((*OPTION, "ordered_year"), OPTION, ("mw", "mwh"), ("ordered_year",)),
    "retired": Shape(
        (*OPTION, "ordered_year", "year"), OPTION, ("mw", "mwh"), ("ordered_year", "year")
    ),
    "standing": Shape(OPTION + YEAR, (*OPTION, "role"), ("mw", "mwh"), YEAR),
    "campaign_sites": Shape(("campaign", "site"), ("campaign", "site")),
    "connections": Shape(SITE, ("site",), ("peak_mw", "gained_mw"), YEAR),
    "footprint": Shape(
        SITE,
        ("site",),
        (
            *("grid_t", "supply_t", "event_t", "embodied_t"),
            *("water_m3", "clean_mwh", "matched_mwh"),
        ),
        YEAR,
    ),
    "power_sources": Shape(
        SITE,
        ("site",),
        ("firm_mwh", "flexible_mwh", "contract_mwh", "bridge_mwh", "own_mwh"),
        YEAR,
    ),
    "node_hours": Shape(
        NODE, ("node",), ("limit_mw", "flexible_mw", "highest_mw", "binding_hours"), YEAR
    ),
    "idle_hardware": Shape(NODE, ("node",), ("idle_mw", "mw_years", "idle_cost"), YEAR),
    "levelised": Shape(
        ("site",), ("site",), ("discounted_cost", "discounted_it_mwh"), other=("cost_per_it_mwh",)
    ),
}


def shapes_of(facts: Facts) -> dict[str, Shape]:
    """Tables that a run of the instance has."""
    return SHAPES | POWER_SHAPES if facts.hourly else SHAPES


def read_tables(ledger: Ledger, facts: Facts, folder: Path) -> dict[str, pd.DataFrame]:
    """Read every table of a run; what cannot be read is a violation and left out.

    Text is as written, required whole numbers are int64, other numbers float64. Rows with a
    number that is none, with a key that the instance does not know, or a second row of the same
    key (but for `upgrades`, where that has a meaning) are violations and left out as well.
    """
    tables = {}
    for name, shape in shapes_of(facts).items():
        frame, trouble = _read(folder, name)
        missing = [column for column in shape.columns if column not in frame.columns]
        if missing and not trouble:
            trouble = f"table {name} lacks {', '.join(missing)}"
        ledger.fact("tables", not trouble, name, trouble)
        if not trouble:
            tables[name] = _clean(ledger, facts, name, frame[list(shape.columns)])
    return tables


def _read(folder: Path, name: str) -> tuple[pd.DataFrame, str]:
    """Table as text or as Parquet has it, and what is wrong with its file, "" if nothing is."""
    files = [path for end in ENDINGS if os.path.lexists(path := folder / f"{name}{end}")]
    if len(files) != 1:
        how = "missing" if not files else "there twice, as CSV and as Parquet"
        return pd.DataFrame(), f"table {name} is {how}"
    try:
        return read_cells(files[0]), ""
    except Unreadable as error:
        return pd.DataFrame(), f"table {name} cannot be read: {error}"


def _clean(ledger: Ledger, facts: Facts, name: str, raw: pd.DataFrame) -> pd.DataFrame:
    """Typed rows of a table that can be worked with; the others are entered as violations."""
    shape = shapes_of(facts)[name]
    rows = pd.DataFrame({"row": np.arange(len(raw)) + 2})
    clean = {}
    good = np.full(len(raw), True)
    for column in shape.columns:
        if column in shape.text:
            clean[column] = raw[column].fillna("").astype("str")
            continue
        numbers = pd.to_numeric(raw[column], errors="coerce").astype(float)
        sound = np.isfinite(numbers.to_numpy())
        if column in shape.whole + shape.maybe:
            sound &= numbers.to_numpy() == np.rint(numbers.to_numpy())
        if column in shape.maybe + shape.other:
            sound |= (raw[column].isna() | (raw[column] == "")).to_numpy()
        kind = "a whole number" if column in shape.whole + shape.maybe else "a finite number"
        shown = rows.assign(value=raw[column].fillna("").astype(str))
        ledger.holds(
            "tables", shown, sound, f"{name} row {{row}}: {column} is '{{value}}', not {kind}"
        )
        good &= sound
        clean[column] = numbers
    frame = pd.DataFrame(clean)
    for column, known in _known_keys(facts, name).items():
        listed = frame[column].isin(known).to_numpy()
        shown = rows.assign(value=raw[column].astype(str))[good]
        what = "stage" if column in ("year", "ordered_year") else column
        ledger.holds(
            "tables",
            shown,
            listed[good],
            f"{name} row {{row}}: the instance has no {what} {{value}}",
        )
        good &= listed
    if name != "upgrades":
        twice = frame.duplicated(list(shape.key)).to_numpy()
        ledger.holds(
            "tables",
            rows.assign(key=", ".join(shape.key))[good],
            ~twice[good],
            f"{name} row {{row}}: there is a row of the same {{key}} above",
        )
        good &= ~twice
    return frame[good].reset_index(drop=True).astype(dict.fromkeys(shape.whole, "int64"))


def _known_keys(facts: Facts, name: str) -> dict[str, pd.Index]:
    """Keys that a column's values must be among."""
    known = {
        "site": facts.sites.index,
        "node": facts.nodes.index,
        "region": facts.regions.index,
        "workload": facts.workloads.index,
        "rule": pd.Index(facts.rules.rule),
        "year": pd.Index(facts.stages, dtype=float),
    }
    if name == "compliance":  # Its rows may speak of all workloads, and of no year.
        del known["workload"], known["year"]
    if name == "upgrades":
        known["upgrade"] = facts.upgrades.index.get_level_values("upgrade")
    if name in POWER_SHAPES:
        given = facts.instance.tables
        known |= {key: pd.Index(given[f"{key}s"][key]) for key in ("slice", "campaign")}
        known |= {"technology": pd.Index(given["technologies"].technology)}
        known |= {"ordered_year": known["year"]}
    return {column: known[column] for column in shapes_of(facts)[name].columns if column in known}


def check_complete(
    ledger: Ledger, name: str, frame: pd.DataFrame, expected: pd.DataFrame
) -> pd.DataFrame:
    """A table with a row for each key of `expected`; missing ones are violations, and 0."""
    keys = list(expected.columns)
    full = expected.merge(frame, on=keys, how="left", indicator="found")
    ledger.holds(
        "tables",
        expected,
        full.found == "both",
        f"{name} has no row " + ", ".join(f"{{{key}}}" for key in keys),
    )
    numbers = full.select_dtypes("number").columns
    full.loc[full.found != "both", numbers] = 0
    return full.drop(columns="found")
