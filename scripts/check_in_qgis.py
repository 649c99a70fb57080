"""Open exports in QGIS without a screen, check that they look as they should, and draw them.

    sitewatt export runs/europe --format qgz --out map
    /usr/bin/python3 scripts/check_in_qgis.py map/plan.gpkg map/plan.qgz

Runs with the Python of QGIS (Debian: python3-qgis), which knows nothing of Sitewatt. Of a
GeoPackage each layer is opened as a user does, and must come with the style that is kept in it; of
a project every layer must be there, styled, and something must be drawn. With `--pictures FOLDER`
what is drawn can be looked at.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
TABLES = {"layer_styles"}
SIZE = (1600, 1100)
DOTS_PER_INCH = 130


def main() -> int:
    """Check every file that is named; the exit code is 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--pictures", type=Path, help="folder to draw into")
    asked = parser.parse_args()
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    application = QgsApplication([], False)
    application.initQgis()
    wrong = []
    for file in asked.files:
        check = check_project if file.suffix == ".qgz" else check_geopackage
        wrong += [f"{file}: {what}" for what in check(file.resolve(), asked.pictures)]
    QgsProject.instance().clear()
    application.exitQgis()
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(asked.files)} files, {len(wrong)} faults")
    return int(bool(wrong))


def check_geopackage(file: Path, pictures: Path | None) -> Iterator[str]:
    """Open each layer of a GeoPackage by itself."""
    dataset = gdal.OpenEx(str(file), gdal.OF_VECTOR)
    names = {dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())} - TABLES
    layers = [QgsVectorLayer(f"{file}|layername={name}", name, "ogr") for name in sorted(names)]
    for layer in layers:
        yield from faults(layer)
    if pictures:
        for layer in layers:
            image = draw([layer], layer.crs(), room_around(layer.extent()))
            if layer.featureCount() and is_empty(image):
                yield f"{layer.name()} draws nothing"
            image.save(str(pictures / f"{file.parent.name}-{layer.name()}.png"))


def check_project(file: Path, pictures: Path | None) -> Iterator[str]:
    """Open a project as it is, and draw what it shows."""
    project = QgsProject.instance()
    if not project.read(str(file)):
        yield f"cannot be read: {project.error()}"
        return
    nodes = project.layerTreeRoot().findLayers()
    if not nodes or any(node.layer() is None for node in nodes):
        yield "lacks layers"
        return
    if not project.crs().isValid():
        yield "has no reference system"
    for layer in project.mapLayers().values():
        yield from faults(layer)
        if layer.fields().indexOf("starts") >= 0 and not layer.temporalProperties().isActive():
            yield f"{layer.name()} does not play through time"
    shown = [node.layer() for node in nodes if node.isVisible()]
    if not shown:
        yield "shows nothing"
    if pictures:
        view = project.viewSettings().defaultViewExtent()
        image = draw(shown, project.crs(), view)
        if is_empty(image):
            yield "draws nothing"
        image.save(str(pictures / f"{file.parent.name}-project.png"))


def faults(layer: QgsVectorLayer) -> Iterator[str]:
    """What is wrong with a layer."""
    if not layer.isValid():
        yield f"{layer.name()} is not valid: {layer.error().message()}"
        return
    renderer = layer.renderer()
    if not isinstance(renderer, QgsRuleBasedRenderer):
        yield f"{layer.name()} has the style {renderer.type()}, not ours"
        return
    for rule in renderer.rootRule().children():
        if rule.filter() is None and rule.filterExpression() not in ("", "TRUE"):
            yield f"{layer.name()}: no expression: {rule.filterExpression()}"
    for expression in expressions(layer):
        if not evaluates(layer, expression):
            yield f"{layer.name()}: no expression: {expression}"
    fields = layer.fields()
    yield from (
        f"{layer.name()}.{field.name()} has no alias"
        for field in fields
        if field.name() != "fid" and not field.alias()
    )
    staged = fields.indexOf("starts") >= 0
    # Opened by itself, QGIS 3.22 reads how a layer plays through time, and waits to be asked to.
    if staged and layer.temporalProperties().endField() != "ends":
        yield f"{layer.name()} does not play through time"


def expressions(layer: QgsVectorLayer) -> Iterator[str]:
    """What a layer has its sizes, its order, its labels and its tips from."""
    renderer = layer.renderer()
    for rule in renderer.rootRule().children():
        for symbol_layer in rule.symbol().symbolLayers():
            properties = symbol_layer.dataDefinedProperties()
            yield from (
                properties.property(key).expressionString() for key in properties.propertyKeys()
            )
    yield from (clause.expression().expression() for clause in renderer.orderBy().list())
    if layer.labeling():
        # Not every feature needs a label.
        yield f"coalesce({layer.labeling().settings().fieldName}, '')"
    yield from re.findall(r"\[%(.*?)%\]", layer.mapTipTemplate(), re.DOTALL)


def evaluates(layer: QgsVectorLayer, text: str) -> bool:
    """Whether an expression gives something for the first feature of a layer."""
    expression = QgsExpression(text)
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    for feature in layer.getFeatures():
        context.setFeature(feature)
        value = expression.evaluate(context)
        return (
            not expression.hasParserError() and not expression.hasEvalError() and value is not None
        )
    return not expression.hasParserError()


def draw(layers: list[QgsVectorLayer], crs: object, extent: QgsRectangle) -> QImage:
    """Picture of layers, the first on top."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(crs)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(*SIZE))
    settings.setOutputDpi(DOTS_PER_INCH)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def room_around(extent: QgsRectangle) -> QgsRectangle:
    """Extent with room for symbols at its edge."""
    return extent.buffered(0.05 * max(extent.width(), extent.height(), 0.1))


def is_empty(image: QImage) -> bool:
    """Whether a picture has one colour only."""
    small = image.scaled(160, 110)
    return len({small.pixel(x, y) for x in range(160) for y in range(110)}) == 1


if __name__ == "__main__":
    sys.exit(main())
