import os
import platform
import subprocess
import sys
from unittest import mock

import pytest

from inr_keras import processes


def _name_in_another_process(*before):
    code = "from inr_keras import processes; print(processes.own_name())"
    command = [*before, sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_process_knows_itself_and_the_dead():
    own = processes.own_name()
    assert processes.is_running(own) is True
    other = _name_in_another_process()
    assert other.split("-")[:2] == own.split("-")[:2]
    assert processes.is_running(other) is False
    *place, number, start = own.split("-")
    earlier = "-".join([*place, number, str(int(start) - 60)])
    assert processes.is_running(earlier) is False


def test_processes_of_other_places_are_unknown():
    _, space, *rest = processes.own_name().split("-")
    assert processes.is_running("-".join(["0" * 12, space, *rest])) is None
    in_container = _name_in_another_process("unshare", "-rpf", "--mount-proc")
    if not in_container:
        pytest.skip("no namespaces may be made here")
    assert in_container.split("-")[0] == processes.kernel()
    assert processes.is_running(in_container) is None


def test_cores_follow_the_affinity():
    with mock.patch.object(os, "sched_getaffinity", return_value={0, 3, 5}):
        with mock.patch.object(processes, "_shares", return_value=[]):
            assert processes.cores() == 3


@pytest.mark.parametrize(
    "line,files,expected",
    [
        ("0::/a/b", {"a/b/cpu.max": "150000 100000\n"}, 2),
        ("0::/a/b", {"a/cpu.max": "50000 100000\n", "a/b/cpu.max": "max 100000"}, 1),
        ("0::/a/b", {"cpu.max": "200000 100000\n"}, 2),  # In a container.
        ("0::/", {"cpu.max": "max 100000\n"}, 8),
        ("0::/", {}, 8),
        (
            "3:cpu,cpuacct:/a",
            {
                "cpu,cpuacct/a/cpu.cfs_quota_us": "300000\n",
                "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        (
            "3:cpu,cpuacct:/a",
            {
                "cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
                "cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            },
            8,
        ),
        ("3:memory:/a", {"memory/a/cpu.max": "1 1"}, 8),
    ],
)
def test_cores_follow_the_control_group(tmp_path, line, files, expected):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    read = processes._text

    def text(path):
        return f"{line}\n" if path == "/proc/self/cgroup" else read(path)

    with (
        mock.patch.object(processes, "_text", text),
        mock.patch.object(processes, "_GROUPS", tmp_path),
        mock.patch.object(os, "sched_getaffinity", return_value=set(range(8))),
    ):
        assert processes.cores() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("model name\t: An A9: 2 GHz\nmodel name\t: B\n", "An A9: 2 GHz"), ("", "arm8")],
)
def test_processor(text, expected):
    with (
        mock.patch.object(processes, "_text", return_value=text),
        mock.patch.object(platform, "processor", return_value=""),
        mock.patch.object(platform, "machine", return_value="arm8"),
    ):
        assert processes.processor() == expected
