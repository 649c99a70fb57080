import pytest

from optimizer.study.cases import read_plot
from optimizer.study.file import InvalidStudy, read_study
from tests.optimizer.study.studies import POWER, RATE, study_file


def problems(read, file):
    with pytest.raises(InvalidStudy) as caught:
        read(file)
    assert caught.value.exit_code == 3
    assert all(problem.remedy for problem in caught.value.problems)
    return {(p.column, p.value) for p in caught.value.problems}


def test_a_sound_study_is_read(tmp_path):
    study = read_study(study_file(tmp_path, POWER + RATE))
    assert study.factors["power"].where["node"] == "frankfurt"
    assert study.factors["power"].where["year"].at_least == 2026
    assert study.factors["rate"].values == [0.25, 0]


def test_a_long_list_of_numbers_may_stand_on_one_line(tmp_path):
    values = [1 + number / 1000 for number in range(1000)]
    factors = POWER.replace("[0.1, 1, 2]", str(values))
    assert read_study(study_file(tmp_path, factors)).factors["power"].values == values


def test_every_problem_of_the_file_is_told_at_once(tmp_path):
    factors = POWER.replace("column", "colum").replace("[0.1, 1, 2]", "[0.1, nan]")
    found = problems(read_study, study_file(tmp_path, factors, "gird"))
    assert found >= {("design.kind", "gird"), ("factors.power.colum", "firm_mw")}
    assert ("factors.power.values.1", "nan") in found


@pytest.mark.parametrize(
    ("factors", "design", "column"),
    [
        (POWER.replace("[0.1, 1, 2]", '["much"]'), "grid", "factors.power.values.0"),
        (POWER + 'distribution = { kind = "normal", mean = 1, sd = 0 }', "grid", "factors.power"),
        (POWER, "sobol", "design.samples"),
        (POWER, "list", "cases"),
        (POWER + '\n[[cases]]\npower = 1\npwer = 2', "list", "cases.0.pwer"),
        (POWER + '\n[[cases]]\npower = "x"', "list", "cases.0.power"),
        (POWER + 'key = "discount_rate"', "grid", "factors.power"),
        ('[factors.r]\nrule = "x"\nvalues = [1]', "grid", "factors.r.values.0"),
        (POWER.replace("factors.power", "factors.status"), "grid", "factors.status"),
        (POWER.replace("factors.power", "factors.'=cmd'"), "grid", "factors.=cmd.[key]"),
        (
            '[factors.x]\nkey = "y"\ndistribution = { kind = "uniform", low = 2, high = 1 }',
            "morris",
            "factors.x.distribution",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(tmp_path, factors, design, column):
    assert column in {at for at, _ in problems(read_study, study_file(tmp_path, factors, design))}


@pytest.mark.parametrize("path", ["../two_sites", "/etc", "a/../b", "", "a\\\\b", "C:x", "x" * 500])
def test_an_instance_stands_beside_the_study(tmp_path, path):
    file = study_file(tmp_path)
    file.write_text(file.read_text().replace('"two_sites"', f'"{path}"'))
    assert {at for at, _ in problems(read_plot, file)} == {"instance"}


def test_an_instance_is_no_link(tmp_path):
    file = study_file(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "two_sites")
    file.write_text(file.read_text().replace('"two_sites"', '"link"'))
    assert problems(read_plot, file) == {("instance", "link")}


@pytest.mark.parametrize(
    "text", ["x = ", "a" * 2**20 + "= 1", "a" + ".a" * 5000 + " = 1", "\udcff"]
)
def test_what_is_no_toml_is_told(tmp_path, text):
    file = tmp_path / "study.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert problems(read_study, file)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('"grid"', '"gird"', "factors.power.table"),
        ('"grid"', '"sources"', "factors.power.table"),
        ('"firm_mw"', '"firm"', "factors.power.column"),
        ("node =", "nod =", "factors.power.where.nod"),
        ('"firm_mw"', '"node"', "factors.power.kind"),
        ("frankfurt", "frankfort", "factors.power.where"),
        ("at_least = 2026", "above = 2026", "factors.power.where"),
        ('"frankfurt"', "{ above = 1 }", "factors.power.where.node"),
        ('discount_rate"', 'discount"', "factors.rate.key"),
        ('discount_rate"', 'name"', "factors.rate.key"),
        ('key = "discount_rate"\nvalues = [0.25, 0]', 'rule = "x"\nvalues = [true]',
         "factors.rate.rule"),
    ],
)  # fmt: skip
def test_what_the_instance_has_not_is_told(tmp_path, old, new, column):
    factors = (POWER + RATE).replace(old, new)
    assert {at for at, _ in problems(read_plot, study_file(tmp_path, factors))} == {column}
