"""Round trips come block by block: listed ones first, then the line, then none."""

from pathlib import Path

import numpy as np
import pytest

from optimizer.instance import read_instance
from optimizer.round_trips import RoundTrips
from tests.random_instances import random_instance


@pytest.mark.parametrize("seed", range(6))
def test_blocks_of_any_size_are_parts_of_one_matrix(tmp_path: Path, seed: int) -> None:
    instance = read_instance(random_instance(tmp_path, seed, latency_table=True))
    tables = instance.tables
    round_trips = RoundTrips(instance)
    count = len(tables["regions"])
    whole = round_trips.of_block(0, count)
    assert whole.shape == (count, len(tables["sites"]))
    one_by_one = [round_trips.of_block(row, row + 1) for row in range(count)]
    assert np.array_equal(np.concatenate(one_by_one), whole, equal_nan=True)
    listed = tables["latency"].set_index(["region", "site"]).rtt_ms
    for row, region in enumerate(tables["regions"].region):
        for column, site in enumerate(tables["sites"].site):
            if (region, site) in listed:
                assert whole[row, column] == listed[region, site]
            else:
                assert np.isnan(whole[row, column]) == (instance.manifest.latency is None)
