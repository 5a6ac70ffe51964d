import hashlib
import os
import subprocess

from inr_keras.files import checksum
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


class SweepTest(testing.TestCase):
    def test_leaves_what_others_are_writing(self):
        process = subprocess.Popen(["true"])
        process.wait()
        folder = self.temporary_folder()
        (folder / "inner").mkdir()
        killed = folder / "inner" / f".writing_{process.pid}_a.json"
        mine = folder / f".writing_{os.getpid()}_a.json"
        other = folder / f".writing_{os.getppid()}_a.json"
        unlike = folder / ".writing_by_hand"
        for path in (killed, mine, other, unlike):
            path.write_text("")
        sweep(folder)
        left = {path for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(left, {other, unlike})


class ChecksumTest(testing.TestCase):
    def test_of_a_file_larger_than_what_is_read_at_once(self):
        content = os.urandom(2**20 + 17)
        path = self.temporary_folder() / "file"
        path.write_bytes(content)
        expected = hashlib.sha256(content).hexdigest()
        self.assertEqual(checksum(path), expected)
