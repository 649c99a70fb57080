import pycountry
import pytest
import shapely

from optimizer.countries import countries


def test_each_country_of_iso_has_one_outline() -> None:
    codes = countries().iso_a2
    listed = codes[codes != ""]
    assert listed.is_unique
    known = {country.alpha_2 for country in pycountry.countries}
    assert set(listed) - known == {"XK"}
    # Overseas parts of France, Norway, the Netherlands and others, and specks; no state.
    assert known - set(listed) <= {
        *("BQ", "BV", "CC", "CX", "GF", "GI", "GP", "MQ", "RE", "SJ", "TK", "TV", "UM", "YT"),
    }


@pytest.mark.parametrize(
    ("code", "longitude", "latitude"),
    [
        ("FR", 2.35, 48.85),
        ("NO", 10.7, 60.0),
        ("XK", 21.0, 42.6),
        ("NA", 17.1, -22.6),
        ("US", -104.99, 39.7),
        ("RU", -175.0, 66.5),
        ("RU", 179.0, 67.5),
        ("AQ", 0.0, -89.9),
        ("FJ", 178.0, -17.8),
    ],
)
def test_a_place_lies_in_its_country_alone(code: str, longitude: float, latitude: float) -> None:
    table = countries()
    assert list(table.iso_a2[table.contains(shapely.Point(longitude, latitude))]) == [code]


def test_neighbours_share_their_borders() -> None:
    table = countries()
    assert table.crs == "EPSG:4326"
    assert table.is_valid.all()
    assert shapely.coverage_is_valid(table.geometry.to_numpy())
    assert set(table.geom_type) == {"MultiPolygon"}
    assert table.total_bounds == pytest.approx([-180, -90, 180, 83.6], abs=0.1)


def test_a_caller_may_change_what_it_gets() -> None:
    first = countries()
    first["iso_a2"] = "??"
    assert "??" not in set(countries().iso_a2)
