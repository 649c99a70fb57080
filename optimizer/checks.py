"""Rules across tables: what one says must fit what the others and the manifest say."""

from typing import Any

from optimizer.reading import Reading


def check_tables(readings: dict[str, Reading], keys: dict[str, Any]) -> None:
    """Enter what does not fit together as problems of the table where it would be mended."""
