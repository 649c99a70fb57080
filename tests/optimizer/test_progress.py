"""A line for each change of phase; the best plan and bound stay."""

import io

from optimizer.progress import Progress


def test_plain_lines_tell_phase_plan_bound_and_gap() -> None:
    stream = io.StringIO()
    progress = Progress(stream, currency="EUR")
    with progress.shown():
        progress("read")
        progress("relaxation", bound=900.0)
        progress("proof", 1000.0, 950.0)
        progress("proof", 1000.0, 960.0)  # Too soon after the last line of this phase.
        progress("polish")
    lines = [line.split(" s  ")[1] for line in stream.getvalue().splitlines()]
    assert lines == [
        "read",
        "relaxation   bound 900",
        "proof        plan 1,000 EUR  bound 950  gap 5.000%",
        "polish       plan 1,000 EUR  bound 960  gap 4.000%",
    ]


def test_worse_figures_are_no_news() -> None:
    progress = Progress(io.StringIO(), quiet=True)
    progress("search", 10.0, 8.0)
    progress("search", 12.0, 7.0)
    assert (progress.plan, progress.bound) == (10.0, 8.0)


def test_quiet_writes_nothing() -> None:
    stream = io.StringIO()
    with Progress(stream, quiet=True).shown() as progress:
        progress("read")
    assert stream.getvalue() == ""
