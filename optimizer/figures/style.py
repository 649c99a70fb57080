"""How all figures look, what stands at their foot, and the same bytes for the same plan."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.errors import shortened
from optimizer.finished import Finished
from optimizer.palette import NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINE_COLOUR = "#000000"
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "font.size": 9,
    "grid.color": "#e5e5e5",
    "legend.frameon": False,
    # Letters that can be searched and set in another font.
    "pdf.fonttype": 42,
    "svg.hashsalt": "sitewatt",
    # A dollar in a name is a dollar.
    "text.parse_math": False,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
}
# What is written besides the drawing: never a time, so that a plan gives the same bytes.
FORMATS: dict[str, dict[str, Any]] = {
    "svg": {"metadata": {"Date": None}},
    "png": {"dpi": 160, "metadata": {"Software": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
CAPTION_SIZE = 6.5
LONGEST_NAME = 32


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house's style; a letter that the font lacks is a box, and no reason to warn."""
    import matplotlib as mpl  # noqa: PLC0415 — heavy

    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        yield


def new_figure(run: Finished, title: str, width: float, height: float) -> "Figure":
    """Empty figure of a size in inches, with its title above and its sources at the foot."""
    from matplotlib.figure import Figure  # noqa: PLC0415 — heavy

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(name_of(title, 90), x=0.01, ha="left", fontweight="bold", fontsize=11)
    caption(figure, run)
    return figure


def caption(figure: "Figure", run: Finished, note: str = "", beside: float = 0.0) -> None:
    """Write at the foot what a figure shows, where its numbers come from and who drew it.

    Called again, with a note, it takes the place of what was there.

    Parameters
    ----------
    beside : inches at the right that are left free.
    """
    width, height = figure.get_size_inches()
    letters = int((width - beside) * 72 / CAPTION_SIZE / 0.54)
    lines = wrap(" ".join(filter(None, [note, sources(run)])), letters)
    foot = (len(lines) * CAPTION_SIZE * 1.25 + 4) / 72 / height
    figure.get_layout_engine().set(rect=(0, foot, 1, 1 - foot))
    for text in list(figure.texts):
        if text.get_gid() == "caption":
            text.remove()
    figure.text(
        *(0.01, 0.02 / height, "\n".join(lines)),
        gid="caption",
        fontsize=CAPTION_SIZE,
        linespacing=1.2,
        color="#555555",
        ha="left",
        va="bottom",
    )


def sources(run: Finished) -> str:
    """Title of the instance, what kinds of sources it has, and the version that draws."""
    kinds = run.instance.tables["sources"].kind.value_counts()
    told = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds.index))
    return (
        f"{name_of(run.title, 120)}. Sources: sources.csv of the instance"
        f"{f' ({told})' if told else ', which names none'}. Sitewatt {version('sitewatt')}."
    )


def save(figure: "Figure", path: Path) -> None:
    """Write a figure in the format that the path ends with."""
    figure.savefig(path, **FORMATS[path.suffix[1:]])


def stack_bars(axes: "Axes", table: pd.DataFrame, colours: dict[str, str]) -> None:
    """Draw a bar for each row, of a part for each column."""
    bottom = np.zeros(len(table))
    for name in table:
        height = table[name].to_numpy(float)
        axes.bar(
            *(range(len(table)), height, 0.62, bottom),
            color=colours[name],
            edgecolor="white",
            linewidth=0.5,
            label=name_of(NAMES.get(name, name)),
        )
        bottom = bottom + height


def by_stage(axes: "Axes", title: str, unit: str, stages: Sequence[int]) -> None:
    """Give a panel of stages its words, and its legend beside it in the order of the stack."""
    axes.set_title(title, loc="left")
    axes.set_ylabel(unit)
    axes.set_xticks(range(len(stages)), [str(year) for year in stages])
    axes.set_xlabel("stage, by its first year")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter("{x:,.10g}")
    handles, labels = axes.get_legend_handles_labels()
    if len(labels) > 1:
        axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5))


def cells(
    axes: "Axes", values: np.ndarray, shown: np.ndarray, *, highest: float, name: str
) -> None:
    """Draw a table as coloured cells with a number in each, in letters that stand out.

    Parameters
    ----------
    values : (rows, columns) that give the colour, from 0 to `highest`; NaN leaves a cell white.
    shown : (rows, columns) words.
    name : of the scale of colours, with its unit.
    """
    image = axes.imshow(values, cmap="Blues", vmin=0, vmax=highest, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        dark = value > 0.6 * highest
        axes.text(
            *(column, row, shown[row, column]),
            ha="center",
            va="center",
            fontsize=7,
            color="white" if dark else "black",
            in_layout=False,
        )
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    bar = axes.figure.colorbar(image, ax=axes, fraction=0.03, pad=0.02)
    bar.set_label(name)
    bar.outline.set_edgecolor("#cccccc")


def name_of(text: str, most: int = LONGEST_NAME) -> str:
    """Name from outside, cut to what fits."""
    return shortened(str(text), most)


def by_rank(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Put the largest columns first, and the sum of those beyond `most` last, as others."""
    return first_of(table[table.sum().sort_values(ascending=False, kind="stable").index], most)


def first_of(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the first columns, and the sum of those beyond `most` as others."""
    if len(table.columns) <= most:
        return table
    rest = table.iloc[:, most:]
    return table.iloc[:, :most].assign(**{f"{len(rest.columns)} others": rest.sum(axis=1)})
