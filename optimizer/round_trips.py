"""How long a request takes from a region to a site and back."""

import numpy as np
import pandas as pd
from pyproj import Geod

from optimizer.instance import Instance


class RoundTrips:
    """Round trips between regions and sites, dense in blocks of regions only."""

    def __init__(self, instance: Instance) -> None:
        self.fit = instance.manifest.latency
        self.sites, self.regions = instance.tables["sites"], instance.tables["regions"]
        latency = instance.tables["latency"]
        region = pd.Index(self.regions.region).get_indexer(latency.region)
        site = pd.Index(self.sites.site).get_indexer(latency.site)
        # Listed pairs in the order of their regions, so that a block finds its own at once.
        order = np.argsort(region, kind="stable")
        self.region, self.site = region[order], site[order]
        self.listed_ms = latency.rtt_ms.to_numpy()[order]

    def of_block(self, start: int, stop: int) -> np.ndarray:
        """Milliseconds from a block of regions, (regions, sites): listed, else fitted, else NaN.

        rtt_ms = base_ms + ms_per_km · geodesic distance on WGS84 in km.
        """
        block, sites = self.regions.iloc[start:stop], self.sites
        rtt_ms = np.full((len(block), len(sites)), np.nan)
        if self.fit is not None:
            shape = rtt_ms.shape
            _, _, metres = Geod(ellps="WGS84").inv(
                np.broadcast_to(block.longitude.to_numpy()[:, None], shape).ravel(),
                np.broadcast_to(block.latitude.to_numpy()[:, None], shape).ravel(),
                np.broadcast_to(sites.longitude.to_numpy(), shape).ravel(),
                np.broadcast_to(sites.latitude.to_numpy(), shape).ravel(),
            )
            rtt_ms = self.fit.base_ms + self.fit.ms_per_km * metres.reshape(shape) / 1000
        rows = slice(*np.searchsorted(self.region, (start, stop)))
        rtt_ms[self.region[rows] - start, self.site[rows]] = self.listed_ms[rows]
        return rtt_ms
