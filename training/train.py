"""Trains the built-in network.

    python -m training.train --store STORE --pool POOL --out RUN --init INIT --processes 2

The schedule follows pictures seen, not time. Everything needed to go on is in ``RUN/state.pt``,
written every few minutes: the same command again resumes, also with another ``--pictures``, and
sees the batches an uninterrupted run would have seen. On a CPU, one single-threaded process per
core is faster than threads inside one process; on a GPU use one process.

Learning rate: constant after a short warm-up, then a cosine to 1 % from ``--decay-from`` on. The
weights kept are an exponential moving average; nothing is picked by its score.
"""

from __future__ import annotations

import argparse
import copy
import datetime
import logging
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor

from training import augment
from training.checkpoint import open_checkpoint, save
from training.data import PEOPLE, PILOT_HELD_BACK, Entry, Store
from training.kinds import KINDS, UNKNOWN
from training.losses import total_loss
from training.network import MatteNet
from training.progress import Progress, follow
from training.scenes import Scenes, Shares

log = logging.getLogger(__name__)

Batch = tuple[Tensor, Tensor, Tensor]
"""Pictures, mattes and kinds, as `augment.batch` makes them."""


@dataclass
class Group:
    """Where and who this process is."""

    rank: int
    world: int
    device: torch.device

    @torch.no_grad()
    def average(self, tensors: list[Tensor]) -> None:
        """Average tensors over all processes in place, in one message."""
        if self.world == 1:
            return
        flat = torch.cat([t.reshape(-1) for t in tensors])
        dist.all_reduce(flat)
        flat /= self.world
        at = 0
        for t in tensors:
            t.copy_(flat[at : at + t.numel()].view_as(t))
            at += t.numel()


class BatchRequest(NamedTuple):
    """What a step asks a source for.

    Attributes
    ----------
    step
        Its number.
    group
        Who asks: each process of it gets pictures of its own.
    size
        How many pictures.
    share
        How many of them are procedural, on average.
    side
        Side of the pictures, a multiple of 32.
    recipe
        How they are augmented.
    rng
        Where chance comes from.
    """

    step: int
    group: Group
    size: int
    share: float
    side: int
    recipe: augment.Augmentation
    rng: np.random.Generator


class Source:
    """Draws batches from the training pairs and the procedural pictures."""

    def __init__(self, store: Store, pool: Store | None, device: torch.device, seed: int) -> None:
        self.store, self.pool, self.seed = store, pool, seed
        self.train, self.valid = store.split()
        self.device = device
        # A GPU holds every picture itself: no transfers while training.
        self._real = self._resident(store)
        self._drawn = self._resident(pool) if pool else None

    def _resident(self, store: Store) -> Tensor | None:
        if self.device.type != "cuda":
            return None
        return torch.from_numpy(np.array(store.pixels)).to(self.device)

    def _rows(self, store: Store, resident: Tensor | None, index: npt.NDArray[np.int64]) -> Tensor:
        if resident is not None:
            return resident[torch.from_numpy(index).to(self.device)]
        return torch.from_numpy(store.pixels[index])

    def draw(self, request: BatchRequest) -> tuple[Tensor, list[Entry]]:
        """Return this process's pictures of one step: n x SIDE x SIDE x 4 uint8, entries."""
        step, group, size, share, _, _, rng = request
        drawn = int(rng.binomial(size, share)) if self.pool else 0
        per_epoch = len(self.train) // (size * group.world)
        epoch, at = divmod(step, per_epoch)
        order = np.random.default_rng([self.seed, 99, epoch]).permutation(self.train)
        mine = order[at * size * group.world :][group.rank :: group.world][: size - drawn]
        rows = [self._rows(self.store, self._real, np.sort(mine))]
        entries = [self.store.entries[i] for i in np.sort(mine)]
        if drawn and self.pool:
            pick = np.sort(rng.choice(len(self.pool), drawn, replace=False)).astype(np.int64)
            rows.append(self._rows(self.pool, self._drawn, pick))
            entries += [self.pool.entries[i] for i in pick]
        return torch.cat(rows), entries

    def batch(self, request: BatchRequest) -> Batch:
        """Return what one step sees: see `augment.batch`."""
        pixels, entries = self.draw(request)
        return augment.batch(
            pixels.to(self.device), entries, request.side, request.recipe, request.rng
        )


class PeopleSource(Source):
    """Draws batches of people alone, for the decoder that sees nothing else.

    Half of what is not a scene are portraits, the rest people of every other kind. A fifth are
    scenes (`training.scenes`): whole figures cut out and stood side by side in front of others,
    all of whom are wanted. No kind is learnt.
    """

    portraits = 0.5
    scenes = 0.2

    def __init__(self, store: Store, device: torch.device, seed: int) -> None:
        super().__init__(store, None, device, seed)
        people = [i for i in self.train if store.entries[i].label == KINDS.index("person")]
        portrait = np.array([store.entries[i].name.startswith(PEOPLE) for i in people])
        self._portraits, self._others = (np.array(people)[w] for w in (portrait, ~portrait))
        shares = Shares(several=1, parts=0, drawn=0, people=1, whole=0.75, focus=0.03)
        self._scenes = Scenes(store, None, self._others, shares)

    def batch(self, request: BatchRequest) -> Batch:
        """Return what one step sees; its number, its group and the share say nothing here."""
        size, side, rng = request.size, request.side, request.rng
        recipe = replace(request.recipe, two=0.5)
        staged = int(rng.binomial(size, self.scenes))
        near = int(rng.binomial(size - staged, self.portraits))
        index = np.sort(
            np.concatenate(
                (
                    rng.choice(self._portraits, near, replace=False),
                    rng.choice(self._others, size - staged - near, replace=False),
                )
            )
        )
        entries = [self.store.entries[i] for i in index]
        pixels = self._rows(self.store, self._real, index).to(self.device)
        x, mask, _ = augment.batch(pixels, entries, side, recipe, rng)
        if staged:
            scenes = [self._scenes.draw(side, rng) for _ in range(staged)]
            rgb = torch.from_numpy(np.stack([s.rgb for s in scenes])).to(self.device)
            all_of_them = np.stack([np.clip(s.wanted + s.others, 0, 1) for s in scenes])
            seen = augment.spoil(rgb.permute(0, 3, 1, 2).float(), recipe, rng)
            x = torch.cat((x, seen / 127.5 - 1)).contiguous(memory_format=torch.channels_last)
            mask = torch.cat((mask, torch.from_numpy(all_of_them)[:, None].float().to(x.device)))
        return x, mask, torch.full((len(x),), UNKNOWN, device=x.device)


@torch.no_grad()
def validate(
    model: MatteNet, store: Store, index: npt.NDArray[np.int64], side: int, group: Group
) -> dict[str, float]:
    """Score on whole held-back pictures stretched to ``side``: IoU at 0.5, MAE, kind accuracy."""
    from PIL import Image

    model.eval()
    sums = torch.zeros(5, dtype=torch.float64)
    for i in index[group.rank :: group.world]:
        rgb, matte = store.picture(int(i))
        small = Image.fromarray(rgb).resize((side, side), Image.Resampling.LANCZOS)
        x = torch.from_numpy(np.array(small)).to(group.device).permute(2, 0, 1)[None].float()
        x = (x / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        logit, kind, _ = model(x)
        p = F.interpolate(logit, size=matte.shape, mode="bilinear", align_corners=False)
        p = p.sigmoid()[0, 0].cpu()
        g = torch.from_numpy(matte).float() / 255
        a, b = p >= 0.5, g >= 0.5
        label = store.entries[int(i)].label
        sums += torch.tensor(
            [
                1,
                float((a & b).sum() / (a | b).sum().clamp(min=1)),
                float((p - g).abs().mean()),
                label >= 0,
                label >= 0 and int(kind.argmax()) == label,
            ],
            dtype=torch.float64,
        )
    if group.world > 1:
        dist.all_reduce(sums)
    n, iou, mae, known, right = sums.tolist()
    return {"iou": iou / n, "mae": mae / n, "kind": right / max(known, 1)}


def kind_weights(source: Source, share: float) -> Tensor:
    """Weight of each kind: inverse square root of its count, mean 1."""
    labels = [source.store.entries[i].label for i in source.train]
    count = np.bincount([v for v in labels if v >= 0], minlength=len(KINDS)).astype(np.float32)
    graphic = KINDS.index("graphic")
    if source.pool:
        drawn = sum(e.label == graphic for e in source.pool.entries) / len(source.pool)
        count[graphic] += drawn * share * len(source.train)
    weight = 1 / np.sqrt(np.maximum(count, 1))
    weight[count == 0] = 0
    return torch.from_numpy(weight / weight[count > 0].mean()).float()


def learning_rate(t: float, step: int, warm: int, decay_from: float) -> float:
    """Factor on the base learning rate at progress ``t`` (0..1)."""
    start = min(1.0, (step + 1) / warm)
    if t <= decay_from:
        return start
    done = (t - decay_from) / (1 - decay_from)
    return start * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * min(done, 1))))


def side_at(t: float, sides: str, draw: float = 0) -> int:
    """Side of the training pictures at progress ``t``; ``sides`` is "224:0.5,256+320:1".

    Where several are named ``draw`` (0..1) says which.
    """
    plan = [(s.split("+"), float(until)) for s, until in (x.split(":") for x in sides.split(","))]
    several = next((s for s, until in plan if t < until), plan[-1][0])
    return int(several[min(int(draw * len(several)), len(several) - 1)])


def run_training(args: argparse.Namespace, group: Group) -> None:  # noqa: PLR0915 - one loop
    """Run or resume one training."""
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    source = _source(args, group)
    model = open_checkpoint(args.init).to(group.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    model.encoder.freeze(args.freeze)
    if args.fix_depthwise:
        model.encoder.fix_depthwise()
    ema = copy.deepcopy(model).requires_grad_(False)
    optimizer = _optimizer(args, model)
    base = [g["lr"] for g in optimizer.param_groups]
    params = [p for g in optimizer.param_groups for p in g["params"]]
    weights = kind_weights(source, args.pool_share).to(group.device)

    run = Progress(out, model, ema, optimizer)
    run.resume(group.device)

    losses: list[float] = []
    mark, marked, saved = time.monotonic(), run.seen, time.monotonic()
    next_check = (run.seen // args.check_every + 1) * args.check_every
    while True:
        t = run.seen / args.pictures
        ended = t >= 1
        if run.seen >= next_check or ended:
            next_check += args.check_every
            line = _scores(args, run, losses, source, group)
            losses = []
            if group.rank == 0:
                run.note(line)
                run.keep()
            mark, marked = time.monotonic(), run.seen
        if ended:
            break
        # The same in all processes: none waits for another's larger pictures.
        side = side_at(t, args.sides, np.random.default_rng([args.seed, 98, run.step]).random())
        factor = learning_rate(t, run.step, args.warm, args.decay_from)
        for g, lr in zip(optimizer.param_groups, base, strict=True):
            g["lr"] = lr * factor
        began = time.monotonic()
        x, mask, kinds = source.batch(_request(args, run, group, side))
        model.train()
        with torch.autocast(group.device.type, torch.bfloat16, enabled=args.bf16):
            pred = model(x)
        loss = total_loss(pred, mask, kinds, weights, args.outline)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if args.sync_every == 1:
            group.average([p.grad for p in params if p.grad is not None])
        torch.nn.utils.clip_grad_norm_(params, 5.0)
        optimizer.step()
        run.step += 1
        run.seen += args.batch * group.world
        follow(ema, model, run.step, args.ema)
        if args.sync_every > 1 and run.step % args.sync_every == 0:
            group.average([p.data for p in (*model.parameters(), *ema.parameters())])
        # A step during which the process was stopped counts with at most a minute.
        run.spent += min(time.monotonic() - began, 60)
        if run.step % 20 == 0:
            losses.append(float(loss.detach()))
        if run.step % 200 == 0 and group.rank == 0:
            rate = (run.seen - marked) / (time.monotonic() - mark)
            mark, marked = time.monotonic(), run.seen
            log.info(
                "%d pictures, side %d, loss %.4f, %.1f pictures/s",
                run.seen,
                side,
                float(np.mean(losses[-10:])),
                rate,
            )
        if time.monotonic() - saved > 60 * args.save_minutes:
            saved = time.monotonic()
            if group.rank == 0:
                run.keep()
    if group.rank == 0:
        save(ema, out / "ema.pt")


def _request(args: argparse.Namespace, run: Progress, group: Group, side: int) -> BatchRequest:
    """Return what the next step asks of the source; what is drawn depends on the step alone."""
    settling = run.seen / args.pictures >= args.settle_from
    recipe = augment.RECIPES["settling" if settling else args.recipe]
    share = args.pool_share / 2 if settling else args.pool_share
    rng = np.random.default_rng([args.seed, group.rank, run.step])
    torch.manual_seed(int(rng.integers(2**31)))
    return BatchRequest(run.step, group, args.batch, share, side, recipe, rng)


def _source(args: argparse.Namespace, group: Group) -> Source:
    store = Store(args.store)
    if args.people:
        return PeopleSource(store, group.device, args.seed)
    return Source(store, Store(args.pool) if args.pool else None, group.device, args.seed)


def _optimizer(args: argparse.Namespace, model: MatteNet) -> torch.optim.AdamW:
    """Return the optimizer of what is not frozen; the encoder learns more slowly."""
    ours = [p for p in model.encoder.parameters() if p.requires_grad]
    known = {id(p) for p in model.encoder.parameters()}
    rest = [p for p in model.parameters() if id(p) not in known]
    groups = [
        {"params": ours, "lr": args.encoder_lr, "weight_decay": 1e-5},
        {"params": rest, "lr": args.lr, "weight_decay": 1e-4},
    ]
    return torch.optim.AdamW(groups)


def _scores(
    args: argparse.Namespace, run: Progress, losses: list[float], source: Source, group: Group
) -> dict[str, float]:
    """Return what is written down of a check."""
    index = source.valid[: args.check_pictures]
    scores = validate(run.ema, source.store, index, args.check_side, group)
    return {
        "seen": run.seen,
        "step": run.step,
        "minutes": round(run.spent / 60, 2),
        "side": side_at(run.seen / args.pictures, args.sides),
        "loss": round(float(np.mean(losses or [0])), 4),
        **{k: round(v, 4) for k, v in scores.items()},
    }


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description="Train the built-in network.")
    p.add_argument("--name", default="mattekit-train", help="only shows up in the process list")
    p.add_argument("--store", type=Path, required=True, help="training.data's folder")
    p.add_argument("--pool", type=Path, help="training.synthesize's folder")
    p.add_argument("--pool-share", type=float, default=0.14, help="procedural part of a batch")
    p.add_argument(
        "--people",
        action="store_true",
        help="see people alone, for a decoder of their own; --freeze 20 leaves what is shared",
    )
    p.add_argument("--out", type=Path, required=True, help="folder of this run")
    p.add_argument("--init", type=Path, required=True, help="checkpoint (training.checkpoint)")
    p.add_argument("--pictures", type=int, default=150_000, help="length of the run")
    p.add_argument("--batch", type=int, default=8, help="per process")
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--encoder-lr", type=float, default=2e-4)
    p.add_argument("--warm", type=int, default=150, help="steps of warm-up")
    p.add_argument("--decay-from", type=float, default=0.35)
    p.add_argument(
        "--settle-from", type=float, default=0.75, help="progress from which most are whole"
    )
    p.add_argument(
        "--recipe", choices=tuple(augment.RECIPES), default="first", help="until --settle-from"
    )
    p.add_argument("--outline", type=float, default=0, help="weight of the last pixels to an edge")
    p.add_argument("--ema", type=float, default=0.998)
    p.add_argument(
        "--sides", default="224:0.6,256:1", help="side (or sides, with +):until which progress"
    )
    p.add_argument(
        "--fix-depthwise", action="store_true", help="keep the encoder's depthwise weights"
    )
    p.add_argument("--freeze", type=int, default=7, help="first encoder blocks kept as they are")
    p.add_argument("--bf16", action="store_true", help="bf16 autocast (GPU, AVX512-BF16 CPUs)")
    p.add_argument(
        "--sync-every",
        type=int,
        default=1,
        help="1: average gradients each step; more: average weights every so many steps, which "
        "wastes less where other programs keep the processes from running side by side",
    )
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--processes", type=int, default=1, help="processes (CPU: one per core)")
    p.add_argument("--port", type=int, default=29_511)
    p.add_argument("--save-minutes", type=float, default=3)
    p.add_argument("--check-every", type=int, default=8000, help="pictures between validations")
    p.add_argument("--check-pictures", type=int, default=PILOT_HELD_BACK)
    p.add_argument("--check-side", type=int, default=256)
    return p


def main() -> None:
    """Start the processes, or be one of them."""
    args = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if args.processes > 1 and "RANK" not in os.environ:
        env = {
            **os.environ,
            "WORLD_SIZE": str(args.processes),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(args.port),
            "OMP_NUM_THREADS": "1",
            # Reuse big blocks instead of returning them: page faults cost a tenth of a step.
            "MALLOC_MMAP_THRESHOLD_": str(2**33),
            "MALLOC_TRIM_THRESHOLD_": str(2**34),
        }
        command = [sys.executable, "-m", "training.train", *sys.argv[1:]]
        children = [
            subprocess.Popen(command, env={**env, "RANK": str(rank)})
            for rank in range(args.processes)
        ]
        sys.exit(max(child.wait() for child in children))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    group = Group(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")), device)
    if group.world > 1:
        torch.set_num_threads(1)
        # Long: others may stop the processes for a while (SIGSTOP) to measure something.
        dist.init_process_group("gloo", timeout=datetime.timedelta(hours=12))
    run_training(args, group)
    if group.world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
