"""Numbers for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.digits import digits, money, percent


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        *((0, "0"), (0.004, "0"), (-0.004, "0"), (0.443, "0.44"), (9.996, "10.0"), (13.88, "13.9")),
        *(
            (99.998, "100"),
            (118.4, "118"),
            (5178.2, "5,178"),
            (-1.73, "−1.73"),
            (float("nan"), "–"),
        ),
    ],
)
def test_digits(number: float, shown: str) -> None:
    assert digits(number) == shown


@given(st.floats(-1e12, 1e12))
def test_digits_say_the_number_to_half_a_percent(number: float) -> None:
    said = float(digits(number).replace(",", "").replace("−", "-"))
    assert said == pytest.approx(number, rel=0.0051, abs=0.0051)


def test_money_and_shares() -> None:
    assert money(163_370_084_733, "EUR", 4) == "163.4\u00a0bn\u00a0EUR"
    assert money(-2_500, "EUR") == "−2,500\u00a0EUR"
    assert money(12, "EUR") == "12.0\u00a0EUR"
    assert percent(0.28314) == "28.3\u00a0%"
