#!/bin/sh
# Check the exports of a run with what others have made: GDAL's validators and QGIS itself.
#
#     scripts/check_exports.sh runs/europe pictures
#
# Needs gdal-bin, python3-gdal and python3-qgis of Debian; the folder for pictures is optional.
set -eu
here=$(dirname "$0")
run=$1
pictures=${2:+--pictures $2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for format in gpkg kml; do
    sitewatt export "$run" --to "$format" --out "$work/plan.$format"
done
sitewatt export "$run" --to gpkg --crs EPSG:3857 --out "$work/mercator.gpkg"
for format in qgz geojson flatgeobuf; do
    sitewatt export "$run" --to "$format" --out "$work/$format"
done

for file in "$work/plan.gpkg" "$work/mercator.gpkg" "$work/qgz/plan.gpkg"; do
    /usr/bin/python3 -m osgeo_utils.samples.validate_gpkg -k -v "$file" >"$work/said" ||
        { cat "$work/said"; exit 1; }
    tail -n 1 "$work/said"
done
for file in "$work/plan.kml" "$work"/geojson/*.geojson "$work"/flatgeobuf/*.fgb; do
    /usr/bin/ogrinfo -ro -al -so "$file" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
    if grep -E "^(ERROR|Warning)" "$work/said"; then exit 1; fi
done
# shellcheck disable=SC2086 - two words or none.
/usr/bin/python3 "$here/check_in_qgis.py" "$work/plan.gpkg" "$work/qgz/plan.gpkg" \
    "$work/qgz/plan.qgz" $pictures
