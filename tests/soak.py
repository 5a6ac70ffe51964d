r"""Kills a training run again and again, and asks for the bits of a calm one.

python -m tests.soak --kills=20 --workdir=runs/soak

A short run of two stages is trained once without disturbance. Then the same
command is started, killed with SIGKILL at a random moment, and started again,
`--kills` times; in the end all weights, moments and means must be equal bit
for bit, `metrics.jsonl` line by line but for the seconds, and no temporary file
may be left.
"""

import argparse
import json
import pathlib
import random
import sys
import time

import h5py
import numpy as np

from inr_keras.training.metrics_log import CLOCKS
from tests.apps import running

SETTINGS = (
    f"--config={running.TWO_STAGES}",
    "--config.log_kimg=0.02",
    "--config.sample_kimg=0.1",
    # Often, so that many a kill hits the writing of one.
    "--config.checkpoint_kimg=0.024",
    *(f"--config.stages[{i}].kimg=0.2" for i in range(2)),
)


def start(workdir):
    return running.Started("train", (*SETTINGS, f"--workdir={workdir}"))


def run_calmly(workdir, start):
    process = start(workdir).finish()
    if process.returncode:
        raise RuntimeError(process.stderr)


def kill(workdir, target, delay, start):
    """Starts the command and kills it `delay` seconds after `target` images.

    Returns:
        What was there at that moment: images seen by the newest line of
        `metrics.jsonl`, names of files being written; `None` where the run
        came to its end first.
    """
    run = start(workdir)
    while run.process.exitcode is None:
        if seen(workdir) >= target:
            time.sleep(delay)
            run.process.kill()
            break
        time.sleep(0.005)
    if run.finish().returncode == 0:
        return None
    writing = [p.name for p in workdir.rglob(".writing_*")]
    return seen(workdir), writing


def seen(workdir):
    """Images that the run has seen, by the newest line."""
    if not (workdir / "metrics.jsonl").exists():
        return 0
    return max((r["images_seen"] for r in records(workdir)), default=0)


def records(workdir):
    """Lines of `metrics.jsonl`, but for what a clock says."""
    found = []
    for line in (workdir / "metrics.jsonl").read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:  # Cut by a kill.
            continue
        found.append({k: v for k, v in record.items() if k not in CLOCKS})
    return found


def arrays(path):
    """All arrays of a checkpoint by name."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = np.array(item)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def differences(calm, killed):
    """What differs between two finished runs, as lines of text."""
    found = []
    newest = [max((folder / "checkpoints").glob("*.h5")) for folder in (calm, killed)]
    if newest[0].name != newest[1].name:
        found.append(f"the last checkpoints are {newest}")
    a, b = (arrays(path) for path in newest)
    if set(a) != set(b):
        found.append(f"arrays of one alone: {sorted(set(a) ^ set(b))}")
    for name in sorted(set(a) & set(b)):
        if a[name].tobytes() != b[name].tobytes():
            found.append(f"{name} differs")
    lines = [records(folder) for folder in (calm, killed)]
    for one, other in zip(*lines):
        if one != other:
            found.append(f"metrics differ: {one} and {other}")
            break
    if len(lines[0]) != len(lines[1]):
        found.append(f"{len(lines[1])} lines of metrics, not {len(lines[0])}")
    left = [str(path) for path in killed.rglob(".writing_*")]
    if left:
        found.append(f"left behind: {left}")
    return found


def soak(workdir, kills, seed, tell=print, start=start):
    """Kills a run.

    Args:
        workdir: Path of a new folder.
        kills: int. Most kills.
        seed: int. Of the moments.
        tell: Function of a line of text.
        start: Function of a run's folder that starts it, a `running.Started`.

    Returns:
        What differs in the end and how many kills there were.
    """
    draw = random.Random(seed)
    calm, killed = workdir / "calm", workdir / "killed"
    begin = time.monotonic()
    run_calmly(calm, start)
    tell(f"undisturbed: {time.monotonic() - begin:.0f} s")
    total = seen(calm)
    done = target = 0
    for number in range(kills):
        # At a start too: an eighth is killed somewhere in its first seconds.
        if draw.random() < 0.125:
            hit = kill(killed, 0, draw.uniform(0.0, 8.0), start)
        else:
            target += draw.uniform(0, 1.9) * (total - target) / (kills - number + 1)
            hit = kill(killed, target, draw.uniform(0.0, 0.1), start)
        if hit is None:
            tell(f"the run was over after {number} kills")
            break
        done += 1
        tell(f"kill {number + 1}: {hit[0]} images, writing {hit[1] or '-'}")
    run_calmly(killed, start)
    return differences(calm, killed), done


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workdir", type=pathlib.Path, required=True)
    given = parser.parse_args()
    if given.workdir.exists():
        parser.error(f"--workdir must be new. Received: {given.workdir}")
    found, done = soak(given.workdir, given.kills, given.seed)
    for line in found:
        print(line)
    print(f"{done} kills: {'DIFFERENT' if found else 'equal bit for bit'}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
