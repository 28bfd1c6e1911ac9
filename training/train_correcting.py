"""Trains the correcting network.

    python -m training.train_correcting --store STORE --pool POOL --out RUN --init builtin.onnx

One single-threaded process. The schedule follows pictures seen; ``RUN/state.pt`` is written every
few minutes, and the same command again resumes, also with another ``--pictures``.
"""

from __future__ import annotations

import argparse
import copy
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from training import detail
from training.augment import Augmentation, jitter_color, jpeg
from training.checkpoint import builtin_weights
from training.clicks import next_click
from training.correcting import CorrectingNet, fit_top, from_builtin
from training.data import Store
from training.losses import COARSE_WEIGHT, edge_weight, structure_loss
from training.progress import STATE, Progress, follow
from training.prompts import KEEP, LAST, add_click, asked_again, first_hints, overlap
from training.scenes import Scene, Scenes, Shares
from training.spoilt import spoil
from training.train import learning_rate, side_at

log = logging.getLogger(__name__)

F32 = npt.NDArray[np.float32]

MARKED = 4.0
"""How much more a place under a mark and beside it counts than another: marks are not wishes."""

AGAIN = (0.45, 0.35, 0.2)
"""How often the network's own answer is corrected by no, one and two clicks before a step."""


def as_input(image: Tensor) -> Tensor:
    """Return N x 3 x S x S pictures of 0..255 as the network takes them."""
    return (image / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def batch(scenes: list[Scene], rng: np.random.Generator) -> tuple[Tensor, Tensor, F32, Tensor]:
    """Return the images as the network takes them, what is wanted, the first hints, and weights.

    Where detail is to be added (`training.detail`), only the band around the edge has weight.
    """
    rgb = torch.from_numpy(np.stack([s.rgb for s in scenes])).permute(0, 3, 1, 2).float()
    rgb = jitter_color(rgb, Augmentation(), rng)
    pressed = np.flatnonzero(rng.random(len(scenes)) < 0.2)
    if len(pressed):
        at = torch.from_numpy(pressed)
        rgb[at] = jpeg(rgb[at], rng.uniform(20, 90, len(pressed)))
    wanted = torch.from_numpy(np.stack([s.wanted for s in scenes]))[:, None].clamp(0, 1)
    told, counts = zip(*(_hinted(s, rng) for s in scenes), strict=True)
    return as_input(rgb), wanted, np.stack(told), torch.from_numpy(np.stack(counts))[:, None]


def _hinted(scene: Scene, rng: np.random.Generator) -> tuple[F32, F32]:
    """Return the first hints for a scene, and what each place counts."""
    if not scene.detail:
        return first_hints(scene, rng), np.ones_like(scene.wanted)
    hints = np.zeros((3, *scene.wanted.shape), np.float32)
    hints[LAST], coarser = detail.automatic(scene.wanted, rng)
    return hints, np.maximum(detail.band(hints[LAST], coarser), np.float32(detail.ASIDE))


def loss_of(
    out: tuple[Tensor, list[Tensor]], wanted: Tensor, hints: Tensor, counts: Tensor
) -> Tensor:
    """Return the loss of one batch: the built-in network's, heavier where something is marked."""
    logit, coarse = out
    marks = F.max_pool2d(hints[:, KEEP:].amax(1, keepdim=True), 5, 1, 2)
    loss = structure_loss(logit.float(), wanted, (edge_weight(wanted) + MARKED * marks) * counts)
    for c in coarse:
        small = F.interpolate(wanted, size=c.shape[-2:], mode="area")
        loss = loss + COARSE_WEIGHT * structure_loss(c.float(), small, torch.ones_like(small))
    return loss


def in_layout(hints: F32) -> Tensor:
    """Return hints (N x 3 x S x S) as a tensor."""
    return torch.from_numpy(hints).contiguous(memory_format=torch.channels_last)


def validate(model: CorrectingNet, scenes: list[Scene]) -> dict[str, float]:
    """Score held-back scenes: IoU after one to five clicks, and what a spoilt mask gains."""
    model.eval()
    ious = np.zeros(5)
    before = after = 0.0
    for i, scene in enumerate(scenes):
        rng = np.random.default_rng([77, i])
        image = as_input(torch.from_numpy(scene.rgb).permute(2, 0, 1)[None].float())
        seen = model.encode(image)
        hints = np.zeros((1, 3, *scene.wanted.shape), np.float32)
        inside = scene.wanted > 0.5
        for k in range(5):
            add_click(hints[0], next_click(inside, hints[0, LAST] > 0.5))
            hints[0, LAST] = answer(model, seen, hints)[0]
            ious[k] += overlap(hints[0, LAST], scene.wanted)
        hints[:] = 0
        hints[0, LAST] = spoil(scene.wanted, rng)
        before += float(np.abs(hints[0, LAST] - scene.wanted).mean())
        after += float(np.abs(answer(model, seen, hints)[0] - scene.wanted).mean())
    scores = {f"iou{k + 1}": ious[k] / len(scenes) for k in range(5)}
    return {**scores, "refined": after / max(before, 1e-9)}


def validate_detail(model: CorrectingNet, scenes: list[Scene]) -> float:
    """Return the band's squared error after the detail pass, against before."""
    before = after = 0.0
    for i, scene in enumerate(scenes):
        hints, counts = _hinted(scene, np.random.default_rng([78, i]))
        image = as_input(torch.from_numpy(scene.rgb).permute(2, 0, 1)[None].float())
        got = answer(model, model.encode(image), hints[None])[0]
        near = counts == 1
        before += float(np.square(hints[LAST] - scene.wanted)[near].mean())
        after += float(np.square(got - scene.wanted)[near].mean())
    return after / max(before, 1e-9)


@torch.no_grad()
def answer(model: CorrectingNet, seen: list[Tensor], hints: F32) -> F32:
    """Return the mattes (N x S x S, 0..1) the network answers without being trained."""
    was = model.training
    model.eval()
    out = model.answer(seen, in_layout(hints))[0].float().sigmoid()[:, 0].numpy()
    model.train(was)
    return out


def _pictures(store: Store, index: npt.NDArray[np.int64]) -> Iterator[Tensor]:
    for i in index:
        rgb = Image.fromarray(store.picture(int(i))[0])
        x = np.asarray(rgb.resize((256, 256), Image.Resampling.LANCZOS)).astype(np.float32)
        yield as_input(torch.from_numpy(x).permute(2, 0, 1)[None])


def run_training(args: argparse.Namespace) -> None:  # noqa: PLR0915 - one loop
    """Run or resume one training."""
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    store = Store(args.store)
    pool = Store(args.pool) if args.pool else None
    train, valid = store.split()
    scenes = Scenes(store, pool, train, Shares(detail=args.detail))
    held = Scenes(store, None, valid, Shares(drawn=0))
    rng = np.random.default_rng(args.seed)
    checks = [held.draw(256, np.random.default_rng([9, i])) for i in range(args.check_scenes)]
    along = Scenes(store, None, valid, Shares(detail=1))
    edges = [
        along.draw(256, np.random.default_rng([10, i]))
        for i in range(args.check_scenes if args.detail else 0)
    ]

    weights = builtin_weights(args.init)
    model = from_builtin(weights)
    if args.start:
        model.load_state_dict(torch.load(args.start, weights_only=True)["ema"])
    elif not (out / STATE).exists():
        fit_top(model, weights, _pictures(store, rng.permutation(train)[: args.fit]))
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    ema = copy.deepcopy(model).requires_grad_(False)
    rates = _rates(args, model)
    params = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([{"params": p, "weight_decay": 1e-5} for p, _ in rates])
    run = Progress(out, model, ema, optimizer)
    run.resume()

    losses: list[float] = []
    mark, marked, saved = time.monotonic(), run.seen, time.monotonic()
    next_check = (run.seen // args.check_every + 1) * args.check_every if run.seen else 0
    while True:
        t = run.seen / args.pictures
        if run.seen >= next_check or t >= 1:
            next_check += args.check_every
            run.note(_scores(args, run, losses, checks, edges))
            losses = []
            run.keep()
            mark, marked = time.monotonic(), run.seen
        if t >= 1:
            break
        side = side_at(t, args.sides)
        factor = learning_rate(t, run.step, args.warm, args.decay_from)
        for group, (_, rate) in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        began = time.monotonic()
        rng = np.random.default_rng([args.seed, run.step])
        torch.manual_seed(int(rng.integers(2**31)))
        loss = _loss(model, [scenes.draw(side, rng) for _ in range(args.batch)], rng, args.bf16)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(params, 5.0)
        optimizer.step()
        run.step, run.seen = run.step + 1, run.seen + args.batch
        follow(ema, model, run.step, args.ema)
        # A step during which the process was stopped counts with at most a minute.
        run.spent += min(time.monotonic() - began, 60)
        losses.append(float(loss.detach()))
        if run.step % 50 == 0:
            rate = (run.seen - marked) / (time.monotonic() - mark)
            mark, marked = time.monotonic(), run.seen
            mean = float(np.mean(losses[-50:]))
            log.info("%d pictures, side %d, loss %.4f, %.1f pictures/s", run.seen, side, mean, rate)
        if time.monotonic() - saved > 60 * args.save_minutes:
            saved = time.monotonic()
            run.keep()
    torch.save({"ema": ema.state_dict()}, out / "ema.pt")


def _rates(
    args: argparse.Namespace, model: CorrectingNet
) -> tuple[tuple[list[torch.nn.Parameter], float], ...]:
    """Return what is trained, with its learning rate: the encoder, what is new, the rest."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    new = ("hints.", "inject.", "listen.", "lateral.4.")
    return (
        ([p for n, p in named if n.startswith("encoder.")], args.encoder_lr),
        ([p for n, p in named if n.startswith(new)], 2 * args.lr),
        ([p for n, p in named if not n.startswith(("encoder.", *new))], args.lr),
    )


def _loss(model: CorrectingNet, drawn: list[Scene], rng: np.random.Generator, bf16: bool) -> Tensor:
    """Return the loss on scenes whose users have looked at answers and asked again."""
    image, wanted, hints, counts = batch(drawn, rng)
    model.train()
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        features = model.encode(image)
        for _ in range(int(rng.choice(len(AGAIN), p=AGAIN))):
            got = answer(model, features, hints)
            for i in np.flatnonzero(rng.random(len(drawn)) < 0.8):
                if drawn[i].detail:
                    continue  # nobody clicks there
                hints[i] = asked_again(hints[i], drawn[i].wanted, got[i], rng)
        told = in_layout(hints)
        pred = model.answer(features, told)
    return loss_of(pred, wanted, told, counts)


def _scores(
    args: argparse.Namespace,
    run: Progress,
    losses: list[float],
    checks: list[Scene],
    edges: list[Scene],
) -> dict[str, float]:
    """Return what is written down of a check."""
    scores = validate(run.ema, checks)
    if edges:
        scores["detail"] = validate_detail(run.ema, edges)
    return {
        "seen": run.seen,
        "minutes": round(run.spent / 60, 2),
        "side": side_at(run.seen / args.pictures, args.sides),
        "loss": round(float(np.mean(losses or [0])), 4),
        **{k: round(float(v), 4) for k, v in scores.items()},
    }


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description="Train the correcting network.")
    p.add_argument("--store", type=Path, required=True, help="training.data's folder")
    p.add_argument("--pool", type=Path, help="training.synthesize's folder")
    p.add_argument("--out", type=Path, required=True, help="folder of this run")
    p.add_argument("--init", type=Path, required=True, help="the built-in network's ONNX file")
    p.add_argument("--from", dest="start", type=Path, help="an ema.pt to go on from")
    p.add_argument("--detail", type=float, default=0, help="share of the detail pass, 0 to 1")
    p.add_argument("--fit", type=int, default=500, help="pictures the decoder's top is fitted on")
    p.add_argument("--pictures", type=int, default=40_000, help="length of the run")
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--encoder-lr", type=float, default=2e-4)
    p.add_argument("--warm", type=int, default=150, help="steps of warm-up")
    p.add_argument("--decay-from", type=float, default=0.35)
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument("--sides", default="192:0.4,256:1", help="side:until which progress")
    p.add_argument("--bf16", action="store_true", help="bf16 autocast (CPUs with AVX512-BF16)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--save-minutes", type=float, default=3)
    p.add_argument("--check-every", type=int, default=4000, help="pictures between validations")
    p.add_argument("--check-scenes", type=int, default=100)
    return p


def main() -> None:
    """Train on one core."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    run_training(_parser().parse_args())


if __name__ == "__main__":
    main()
