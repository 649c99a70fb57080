"""Whether there is memory for a model, said before anything of it is built."""

from models import Size
from optimizer.memory import OutOfMemory, available_mb, is_held

# Above what libraries and tables take, at the peak of building a siting model and turning it into
# arrays; hourly models take less. The search takes up to five times as much again, or nothing:
# only what is certain is refused. Measured in docs/performance.md.
MB_PER_MILLION_NONZEROS = 450
REMEDY = (
    "Make the instance smaller: fewer routes by a lower latency_slo_ms, fewer regions by merging "
    "small ones, fewer stages, slices or workloads."
)


def build_mb(size: Size) -> int:
    """MB that it takes to build a model of this size, beyond what is already in use."""
    return round(size.nonzeros / 1e6 * MB_PER_MILLION_NONZEROS)


def in_words(size: Size) -> str:
    """Size of a model, and what building it takes."""
    return (
        f"{size.rows:,} rows, {size.columns:,} columns and {size.nonzeros:,} nonzeros, "
        f"{build_mb(size):,} MB to build"
    )


def refuse_too_large(size: Size) -> None:
    """Refuse a model for which there is not enough memory.

    Raises
    ------
    OutOfMemory
        Says how large it would be, what it needs, what there is, and what makes it smaller.
    """
    available = available_mb()
    if available is None or build_mb(size) <= available:
        return
    where = "--memory-limit leaves" if is_held() else "this machine has free"
    remedy = f"Raise the limit, or make{REMEDY[4:]}" if is_held() else REMEDY
    raise OutOfMemory(
        f"The model would have {in_words(size)}, and {where} {available:,} MB. {remedy}"
    )
