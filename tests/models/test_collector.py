"""What is made by the million is not looked at again by the garbage collector."""

import gc

import pytest

from models.collector import undisturbed

YOUNG, OLD = 0, 2


@pytest.fixture(autouse=True)
def nothing_set_aside() -> None:
    """A process in which nothing is set aside for good."""
    gc.unfreeze()


def rounds() -> list[int]:
    """Collections of each generation so far."""
    return [generation["collections"] for generation in gc.get_stats()]


def is_among(thing: object, generation: int) -> bool:
    """Whether the collector counts an object to a generation."""
    return any(each is thing for each in gc.get_objects(generation))


def test_objects_made_meanwhile_are_old_at_once() -> None:
    before = rounds()
    with undisturbed():
        made = [[number] for number in range(100_000)]
    assert rounds() == before
    assert gc.isenabled()
    assert is_among(made[-1], OLD)
    assert not is_among(made[-1], YOUNG)


def test_what_is_thrown_away_is_collected_all_the_same() -> None:
    with undisturbed():
        ring: list = []
        ring.append(ring)
    del ring
    assert gc.collect() >= 1
    assert gc.get_freeze_count() == 0


def test_what_is_set_aside_for_good_stays_so() -> None:
    gc.freeze()
    aside = gc.get_freeze_count()
    with undisturbed():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() == pytest.approx(aside, rel=0.1)
    assert not is_among(made[-1], OLD)
    gc.unfreeze()


def test_inside_another_the_collector_stays_paused() -> None:
    with undisturbed():
        with undisturbed():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
