"""Flows from users to sites as a page draws them: the largest ones, in steps of whole numbers."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from optimizer.maps.columns import short

# The largest flows of a stage that carry this part of all load are drawn, as long as they are few.
DRAWN_SHARE = 0.99
MOST_FLOWS = 2500
# Mercator's maps have no poles; further north or south lines would run along their edge.
HIGHEST_LATITUDE = 84.0
# A kilometre, which is less than a line is wide.
STEPS_PER_DEGREE = 100


def flow_content(
    flows: gpd.GeoDataFrame, regions: list[str], sites: list[str], years: list[int]
) -> dict[str, Any]:
    """Ways that are drawn, and what runs along them by stage.

    Parameters
    ----------
    flows : layer of this name.
    regions, sites : in the order by which the page numbers them.

    Returns
    -------
    dict
        `ways`: region, site and parts of the line of each; `stages`: pairs of way and MW, the
        largest first; `drawn`: flows drawn, flows in all, their MW, MW in all, by stage.
    """
    sums = flows.groupby(["region", "site", "year"], as_index=False, sort=False).it_mw.sum()
    lines = flows.drop_duplicates(["region", "site"]).set_index(["region", "site"]).geometry
    lines = gpd.GeoSeries(
        shapely.clip_by_rect(lines.to_numpy(), -180, -HIGHEST_LATITUDE, 180, HIGHEST_LATITUDE),
        index=lines.index,
    )
    numbers: dict[tuple[str, str], int] = {}
    stages, counts = [], []
    for year in years:
        every = sums[sums.year == year].sort_values("it_mw", ascending=False, kind="stable")
        chosen = largest(every)
        chosen = chosen[drawable(lines, chosen)]
        pairs = list(zip(chosen.region, chosen.site, strict=True))
        ways = [numbers.setdefault(pair, len(numbers)) for pair in pairs]
        stages.append([list(row) for row in zip(ways, short(chosen.it_mw, 3), strict=True)])
        # Users at the very place of their site are served without a line to draw.
        far = every[drawable(lines, every)]
        counts.append([len(chosen), len(far), *short([chosen.it_mw.sum(), far.it_mw.sum()], 1)])
    region_number = {region: number for number, region in enumerate(regions)}
    site_number = {site: number for number, site in enumerate(sites)}
    drawn = lines.reindex(pd.MultiIndex.from_tuples(list(numbers), names=lines.index.names))
    return {
        "ways": [
            [region_number[region], site_number[site], steps(line)]
            for (region, site), line in drawn.items()
        ],
        "stages": stages,
        "drawn": counts,
    }


def largest(flows: pd.DataFrame) -> pd.DataFrame:
    """First rows of a sorted table, as far as they are worth drawing."""
    before = flows.it_mw.cumsum() - flows.it_mw
    return flows[before < DRAWN_SHARE * flows.it_mw.sum()].head(MOST_FLOWS)


def drawable(lines: gpd.GeoSeries, flows: pd.DataFrame) -> np.ndarray:
    """Which flows have a line: places known and apart, and not all beyond the map's edge."""
    own = lines.reindex(pd.MultiIndex.from_frame(flows[["region", "site"]]))
    return ~(own.isna() | own.is_empty).to_numpy()


def steps(line: shapely.Geometry) -> list[list[int]]:
    """Parts of a line, each its first place and then steps, x and y in turn."""
    parts = []
    for part in shapely.get_parts(line):
        places = np.rint(shapely.get_coordinates(part) * STEPS_PER_DEGREE).astype(int)
        parts.append(np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=int)).ravel().tolist())
    return parts
