from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch", reason="training needs the packages of the `train` extra")

from training.progress import Progress, follow  # noqa: E402


def fresh(folder, seed):
    torch.manual_seed(seed)
    model, ema = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    return Progress(folder, model, ema, torch.optim.AdamW(model.parameters()))


def test_a_run_goes_on_where_it_stopped(tmp_path):
    run = fresh(tmp_path, 1)
    run.model(torch.ones(1, 3)).sum().backward()
    run.optimizer.step()
    run.step, run.seen, run.spent = 1, 8, 2.5
    run.keep()
    again = fresh(tmp_path, 2)
    again.resume()
    assert (again.step, again.seen, again.spent) == (1, 8, 2.5)
    for one, other in ((run.model, again.model), (run.ema, again.ema)):
        for a, b in zip(one.parameters(), other.parameters(), strict=True):
            assert torch.equal(a, b)
    assert (
        again.optimizer.state_dict()["state"].keys() == run.optimizer.state_dict()["state"].keys()
    )
    assert [each.name for each in tmp_path.iterdir()] == ["state.pt"]


def test_without_a_state_it_begins(tmp_path):
    run = fresh(tmp_path, 1)
    run.resume()
    assert (run.step, run.seen) == (0, 0)


def test_the_curve_grows_by_lines(tmp_path):
    run = fresh(tmp_path, 1)
    run.note({"seen": 0})
    run.note({"seen": 8})
    lines = (tmp_path / "curve.jsonl").read_text().splitlines()
    assert [json.loads(line)["seen"] for line in lines] == [0, 8]


@pytest.mark.parametrize(("step", "share"), [(1, 11 / 101), (10_000, 0.99)])
def test_the_average_follows_the_weights(tmp_path, step, share):
    run = fresh(tmp_path, 1)
    before = [p.detach().clone() for p in run.ema.parameters()]
    follow(run.ema, run.model, step, 0.99)
    for old, new, target in zip(before, run.ema.parameters(), run.model.parameters(), strict=True):
        torch.testing.assert_close(new.detach(), old * share + target.detach() * (1 - share))
