"""Processes: how many may run at once, and which of them still run.

A process has the name `KERNEL-NAMESPACE-NUMBER-START`: process numbers are only unique
within one namespace (a container) of one running kernel, and the time of its start
tells a process from a later process with the same number.
"""

import functools
import hashlib
import math
import os
import pathlib
import platform
import re

import psutil

NAME = r"[0-9a-f]{12}-[0-9a-f]{1,12}-\d+-\d+"
_SECONDS = 2  # Tolerance between two views of a process's start.
_GROUPS = pathlib.Path("/sys/fs/cgroup")


@functools.cache
def kernel():
    """Text that is the same in all processes of one running kernel, 12 letters."""
    text = _text("/proc/sys/kernel/random/boot_id") or platform.node()
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@functools.cache
def _namespace():
    """Number of the namespace of this process's number, in hexadecimal."""
    try:
        return f"{os.stat('/proc/self/ns/pid').st_ino:x}"
    except OSError:  # There are none.
        return "0"


def own_name():
    """Name of this process."""
    number = os.getpid()
    return f"{kernel()}-{_namespace()}-{number}-{_start(number)}"


def is_running(name):
    """Tells whether a process runs; `None` where that cannot be known from here."""
    *place, number, start = name.split("-")
    if place != [kernel(), _namespace()]:
        return None
    try:
        return abs(_start(int(number)) - int(start)) <= _SECONDS
    except psutil.NoSuchProcess:
        return False


def _start(number):
    return int(psutil.Process(number).create_time())


def cores():
    """Number of processor cores that this process may use.

    It is the number in the CPU affinity (`taskset`), or a smaller share that the
    control group (of a container or a batch system) has.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min([count, *map(math.ceil, _shares(_GROUPS))]))


def processor():
    """Name of the CPU, as Linux states it, or else its architecture."""
    lines = _text("/proc/cpuinfo").splitlines()
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else platform.processor() or platform.machine()


def _shares(root):
    """Yields the limits of the control groups of this process, in cores."""
    for line in _text("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        # A container may see its own group alone, at the top.
        group = root / controllers / path.lstrip("/")
        for folder in (group, *group.parents):
            limit = _text(folder / "cpu.max") or " ".join(
                _text(folder / f"cpu.cfs_{part}_us") for part in ("quota", "period")
            )
            if match := re.fullmatch(r"(\d+)\s+(\d+)\s*", limit):  # Not "max" or -1.
                yield int(match[1]) / int(match[2])


def _text(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""
