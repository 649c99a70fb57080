"""The harness of the coverage-guided search reads what is sound, and lets no fault pass."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import fuzz_coverage


def test_sound_files_and_halves_of_them_are_read_or_refused(tmp_path: Path) -> None:
    fuzz_coverage.write_corpus(tmp_path / "corpus")
    seeds = sorted((tmp_path / "corpus").iterdir())
    contents = [seed.read_bytes() for seed in seeds]
    assert {content[0] for content in contents} == set(range(len(fuzz_coverage.READERS)))
    for content in contents[::5]:
        fuzz_coverage.read(content)
        fuzz_coverage.read(content[: len(content) // 2])
    fuzz_coverage.read(b"")


def test_exception_that_is_none_of_ours_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_content: bytes) -> None:
        raise KeyError("a fault")

    monkeypatch.setattr(fuzz_coverage, "READERS", [fail])
    with pytest.raises(KeyError, match="a fault"):
        fuzz_coverage.read(b"x")
