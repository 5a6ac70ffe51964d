import errno
import hashlib
import os
import pathlib
import subprocess
import time
from unittest import mock

import psutil
import pytest

from inr_keras import processes
from inr_keras.files import checksum
from inr_keras.files import new_folder
from inr_keras.files import sweep
from inr_keras.files import write_beside
from tests import testing


class WriteBesideTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.path = self.folder / "settings.tar.json"

    def test_writes_and_replaces(self):
        for text in ("old", "new"):
            write_beside(self.path, lambda path: path.write_text(text))
            self.assertEqual(self.path.read_text(), text)
        self.assertEqual(list(self.folder.iterdir()), [self.path])

    def test_makes_folders_and_takes_strings(self):
        path = self.folder / "a" / "b" / "c.txt"
        write_beside(str(path), lambda path: path.write_text("x"))
        self.assertEqual(path.read_text(), "x")

    def test_is_written_beside_with_the_same_ending(self):
        seen = []

        def write(path):
            seen.append(path)
            self.assertFalse(self.path.exists())
            path.write_text("x")

        write_beside(self.path, write)
        self.assertEqual(seen[0].parent, self.folder)
        self.assertNotEqual(seen[0], self.path)
        self.assertTrue(seen[0].name.startswith("."))  # No one lists it.
        self.assertTrue(seen[0].name.endswith("settings.tar.json"))

    def test_old_file_stays_while_the_new_one_is_written(self):
        self.path.write_text("old")

        def write(path):
            path.write_text("new")
            self.assertEqual(self.path.read_text(), "old")

        write_beside(self.path, write)
        self.assertEqual(self.path.read_text(), "new")

    def test_nothing_is_left_of_a_failure(self):
        for error in (OSError(28, "No space left"), KeyboardInterrupt()):
            for exists in (False, True):
                if exists:
                    self.path.write_text("old")

                def write(path):
                    path.write_text("half")
                    raise error

                with self.assertRaises(type(error)):
                    write_beside(self.path, write)
                if exists:
                    self.assertEqual(self.path.read_text(), "old")
                    self.path.unlink()
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_folders_appear_whole(self):
        def write(path):
            path.mkdir()
            (path / "a").write_text("x")
            self.assertFalse((self.path / "a").exists())

        def fail(path):
            write(path)
            raise OSError(28, "No space left")

        with self.assertRaises(OSError):
            write_beside(self.path, fail)
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertEqual(new_folder(self.path), self.path)
        self.path.mkdir()
        self.assertEqual(new_folder(self.path), self.path)
        write_beside(self.path, write)
        self.assertEqual((self.path / "a").read_text(), "x")
        self.assertEqual(list(self.folder.iterdir()), [self.path])
        for path in (self.path, self.path / "a"):
            with self.assertRaisesRegex(ValueError, "new, or an empty folder"):
                new_folder(path)

    def test_folders_that_cannot_be_replaced(self):
        self.path.mkdir()
        link = self.folder / "link"
        link.symlink_to(self.path)
        self.assertEqual(new_folder(link / "new" / ".."), self.path)
        self.assertEqual(new_folder(link), self.path)
        with mock.patch.object(pathlib.Path, "is_mount", lambda path: True):
            with self.assertRaisesRegex(ValueError, "mount point"):
                new_folder(link)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.path)
        for path in (".", link, f"../{self.path.name}"):
            with self.assertRaisesRegex(ValueError, "the working folder"):
                new_folder(path)

    def test_a_writer_that_writes_nothing_is_an_error(self):
        self.path.write_text("old")
        with self.assertRaises(FileNotFoundError):
            write_beside(self.path, lambda path: None)
        self.assertEqual(self.path.read_text(), "old")

    def test_file_in_the_place_of_a_folder(self):
        self.path.write_text("old")
        with self.assertRaises(OSError):
            write_beside(self.path / "a", lambda path: path.write_text("x"))
        self.assertEqual(self.path.read_text(), "old")


class LongNameTest(testing.TestCase):
    def test_any_legal_name_will_do(self):
        folder = self.temporary_folder()
        for name in ("a" * 251 + ".npz", "ü" * 125 + ".npz"):
            seen = []

            def write(path):
                seen.append(path)
                path.write_text("x")

            write_beside(folder / name, write)
            self.assertEqual((folder / name).read_text(), "x")
            self.assertEqual(seen[0].suffix, ".npz")


class FlushTest(testing.TestCase):
    def write(self, number):
        folder = self.temporary_folder()
        error = OSError(number, os.strerror(number))
        with mock.patch.object(os, "fsync", side_effect=error):
            write_beside(folder / "a", lambda path: path.write_text("x"))
        return (folder / "a").read_text()

    def test_file_systems_without_it_will_do(self):
        for number in (errno.EINVAL, errno.ENOTSUP):
            self.assertEqual(self.write(number), "x")

    def test_errors_of_the_disk_are_told(self):
        with pytest.raises(OSError, match="Input/output"):
            self.write(errno.EIO)


class SweepTest(testing.TestCase):
    def test_leaves_what_others_are_writing(self):
        process = subprocess.Popen(["true"])
        own = processes.own_name()
        kernel, space, _, start = own.split("-")
        place = f"{kernel}-{space}"
        killed_name = f"{place}-{process.pid}-{start}"
        process.wait()
        parent = psutil.Process(os.getppid())
        names = {
            f".writing_{killed_name}_a.json": False,
            f".writing_{killed_name}_b\nc.json": False,
            # An earlier process had this number.
            f".writing_{place}-{os.getpid()}-{int(start) - 9}_a.json": False,
            f".writing_{own}_a.json": True,  # Another thread's.
            f".writing_{place}-{parent.pid}-{int(parent.create_time())}_a": True,
            # In other containers and machines, where numbers mean others.
            f".writing_{kernel}-{'f' * 8}-{process.pid}-{start}_a.json": True,
            f".writing_{'0' * 12}-{space}-{process.pid}-{start}_a.json": True,
            ".writing_by_hand": True,
        }
        folder = self.temporary_folder() / "inner"
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
        sweep(folder.parent)
        left = {path.name for path in folder.iterdir()}
        self.assertEqual(left, {name for name, stays in names.items() if stays})

    def test_old_files_of_unknown_processes_go(self):
        folder = self.temporary_folder()
        for name in (f"{'0' * 12}-1-1-1", "77"):
            path = folder / f".writing_{name}_a.json"
            path.write_text("")
            os.utime(path, (time.time() - 2 * 24 * 3600,) * 2)
        sweep(folder)
        self.assertEqual(list(folder.iterdir()), [])


class ChecksumTest(testing.TestCase):
    def test_of_a_file_larger_than_what_is_read_at_once(self):
        content = os.urandom(2**20 + 17)
        path = self.temporary_folder() / "file"
        path.write_bytes(content)
        expected = hashlib.sha256(content).hexdigest()
        self.assertEqual(checksum(path), expected)
