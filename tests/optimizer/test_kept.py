"""Models that live on from problem to problem: changed where money differs, else built anew."""

from dataclasses import replace

import numpy as np
import pytest

from models import build_model
from optimizer import kept as module
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.kept import Kept
from optimizer.program import compile_program
from optimizer.relaxation import Links
from optimizer.run import Clock, Options, solve_instance
from tests.models.small_inputs import small_inputs
from tests.optimizer.study.studies import TWO_SITES

SITES = {"a": {"opening_cost": 5.0, "it_cost_per_mw": 1.0}, "b": {"opening_cost": 1.0}}
CHEAP = small_inputs(SITES, {("delft", "chat"): 1.0, ("gouda", "chat"): 2.0})
DEAR = replace(CHEAP, sites=CHEAP.sites.assign(opening_cost=[7.0, 2.0]))
MORE = replace(CHEAP, demand_mw=CHEAP.demand_mw * 2)


def test_a_problem_that_differs_in_money_is_stated_on_the_model_of_the_last():
    kept = Kept()
    first = kept.state(CHEAP)
    program, model = first.program, first.model
    again = kept.state(DEAR)
    fresh = build_model(DEAR)
    assert again.model is model
    assert again.program.cost.tolist() == compile_program(fresh).cost.tolist()
    assert again.program.cost.tolist() != program.cost.tolist()
    links = Links.of(fresh, DEAR, compile_program(fresh))
    assert np.array_equal(again.links.column, links.column)
    assert np.array_equal(again.links.most, links.most)
    assert kept.state(MORE).model is not model


def test_the_whole_problem_has_a_model_of_its_own_where_regions_were_pooled():
    kept = Kept()
    pooled = kept.state(CHEAP)
    assert kept.state_whole(CHEAP) is pooled
    whole = kept.state_whole(MORE)
    assert whole is not pooled
    assert kept.state(DEAR) is pooled
    assert kept.state_whole(replace(MORE, discount_rate=0.5)).model is not whole.model
    kept.state(MORE)
    assert kept.whole is None  # Where the one has gone, nothing of the other is of use.


def test_large_models_do_not_stay(monkeypatch):
    kept = Kept()
    kept.state_whole(kept.state(CHEAP).inputs)
    assert kept.nonzeros == kept.pooled.program.matrix.nnz
    kept.forget_large()
    assert kept.pooled
    monkeypatch.setattr(module, "MOST_NONZEROS", kept.nonzeros - 1)
    kept.forget_large()
    assert kept.pooled is kept.whole is None


@pytest.mark.parametrize("folder", ["two_sites", "bridge"])
def test_nobody_can_tell_what_was_solved_before(folder):
    instance = read_instance(TWO_SITES.parent / folder)

    def solved(rate, kept):
        manifest = instance.manifest.model_copy(update={"discount_rate": rate})
        control, clock = Control(threads=1), Clock(lambda *_: None)
        own = replace(instance, manifest=manifest)
        return solve_instance(own, Options(1e-3, threads=1), control, clock, kept=kept)

    kept = Kept()
    solved(0.03, kept)
    model = kept.pooled.model
    after, alone = solved(0.09, kept), solved(0.09, None)
    assert kept.pooled.model is model
    assert after.record["bound"] == alone.record["bound"]
    for name, table in alone.tables.items():
        assert after.tables[name].equals(table), name
