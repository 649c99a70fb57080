"""Map layers as GeoJSON (RFC 7946).

Written here: GDAL drops the last digits of attributes, and GeoPandas takes ten times as long.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from optimizer.about import About

# RFC 7946, 11.2: more digits than a centimetre needs only bloat the file.
DIGITS = 7
ROWS_PER_BLOCK = 10_000


def write_geojson(
    layers: Mapping[str, gpd.GeoDataFrame], folder: Path, _: About | None = None
) -> None:
    """A GeoJSON file per layer, as RFC 7946 wants it: WGS84 unsaid, seven digits, cut at ±180°.

    A feature stands on a line of its own.
    """
    folder.mkdir()
    for name, layer in layers.items():
        with (folder / f"{name}.geojson").open("w", encoding="utf-8", newline="\n") as file:
            file.write('{"type": "FeatureCollection", "features": [')
            separator = "\n"
            for feature in geojson_features(layer):
                file.write(separator + feature)
                separator = ",\n"
            file.write("\n]}\n")


def geojson_features(layer: gpd.GeoDataFrame) -> Iterator[str]:
    """Rows of a layer as GeoJSON."""
    for start in range(0, len(layer), ROWS_PER_BLOCK):
        block = layer.iloc[start : start + ROWS_PER_BLOCK]
        properties = pd.DataFrame(block.drop(columns="geometry")).astype(object)
        rows = properties.where(properties.notna(), None).to_dict("records")
        rounded = shapely.transform(block.geometry.to_numpy(), lambda places: places.round(DIGITS))
        for row, geometry in zip(rows, shapely.to_geojson(rounded), strict=True):
            text = json.dumps(
                row, ensure_ascii=False, allow_nan=False, default=pd.Timestamp.isoformat
            )
            yield f'{{"type": "Feature", "properties": {text}, "geometry": {geometry or "null"}}}'
