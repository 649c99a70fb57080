"""A finished run, read back to be asked about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import PlanInputs
from optimizer.errors import SitewattError
from optimizer.instance import Instance, read_instance
from optimizer.prepare import prepare
from optimizer.routes import find_routes
from optimizer.run_files import read_record
from optimizer.why.answer import Interval

MOST_NAMES = 8


class UnknownName(SitewattError):
    """Somebody asked about what the instance does not have."""

    exit_code = 2


@dataclass(frozen=True)
class Run:
    """A finished run, read back."""

    folder: Path
    record: dict[str, Any]
    instance: Instance
    inputs: PlanInputs

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Read a run's record and its copy of the instance.

        Raises
        ------
        SitewattError
            It is no run.
        """
        record = read_record(folder)
        instance = read_instance(folder / "instance")
        return cls(folder, record, instance, prepare(instance, find_routes(instance)))

    @property
    def cost(self) -> Interval:
        """Bound and cost of the plan."""
        return Interval(self.record["bound"], self.record["objective"])

    def known(self, table: str, key: str, name: str) -> None:
        """Raise UnknownName unless the instance has something of this name."""
        names = list(self.instance.tables[table][key])
        if name not in names:
            shown = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
            raise UnknownName(f"The instance has no {key} {name}. There are: {shown}")
