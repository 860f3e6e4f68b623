import pytest
import robustness

TEXTS = [b"def f(x):\n    return eval(x)\n", b"class A:\n    b = [1, 2]\n\n    def c(self):\n        return self.b\n"]


def test_an_input_is_made_again_from_its_seed_and_number():
    first = [robustness.mutated(3, number, TEXTS) for number in range(50)]
    assert first == [robustness.mutated(3, number, TEXTS) for number in range(50)]
    assert len(set(first)) > 40


def test_mutated_programs_do_not_break_the_engine():
    outcome = robustness.Outcome()
    for number in range(150):
        robustness.tried(str(number), robustness.mutated(11, number, TEXTS), outcome)
    assert outcome.inputs == 150
    assert outcome.failures == []
    assert outcome.slowest_s < robustness.LIMIT_S


def test_a_crash_is_a_failure_with_its_input(monkeypatch):
    def broken(files):
        raise ValueError("broken")

    monkeypatch.setattr(robustness, "scan_texts", broken)
    outcome = robustness.Outcome()
    robustness.tried("1-2", b"x = 1", outcome)
    ((name, text, wrong),) = outcome.failures
    assert (name, text) == ("1-2", b"x = 1")
    assert wrong.endswith("ValueError: broken\n")


@pytest.mark.parametrize("mutation", robustness.MUTATIONS)
def test_every_mutation_takes_any_text(mutation):
    import random

    for text in (b"", b"\n", b"\xff\xfe\x00", *TEXTS):
        assert isinstance(mutation(random.Random(1), text, TEXTS[0]), bytes)
