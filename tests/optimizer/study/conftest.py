import pytest

from optimizer.study.engine import serially
from optimizer.study.sweep import sweep
from tests.optimizer.study.studies import MANY, RATE, study_file


@pytest.fixture(scope="session")
def done(tmp_path_factory):
    """A study of eight cases and its finished sweep, not to be changed."""
    folder = tmp_path_factory.mktemp("done")
    file = study_file(folder, MANY + RATE)
    sweep(file, folder / "out", serially(), quiet=True)
    return file, folder / "out"
