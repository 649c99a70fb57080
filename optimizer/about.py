"""What files for other programs say of the plan that is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.errors import printable


@dataclass(frozen=True)
class About:
    """A plan in a few words.

    Parameters
    ----------
    title : of the instance.
    description : how good the plan is.
    creator : program and version.
    identifier : hash of the instance.
    currency : ISO 4217.
    """

    title: str = ""
    description: str = ""
    creator: str = "Sitewatt"
    identifier: str = ""
    currency: str = ""


def about(record: Mapping[str, Any]) -> About:
    """Say what plan.json says."""
    currency = record["currency"]
    status = printable(str(record.get("status", "")).replace("_", " "))
    return About(
        title=printable(str(record.get("instance_title") or record.get("instance_name", ""))),
        description=(
            f"Plan of Sitewatt, {status}: {record['objective']:,.0f} {currency} present value, "
            f"at most {record['gap']:.3%} above the least possible"
        ),
        creator=printable(f"Sitewatt {record['versions'].get('sitewatt', '')}".strip()),
        identifier=printable(str(record.get("instance_sha256", ""))),
        currency=currency,
    )
