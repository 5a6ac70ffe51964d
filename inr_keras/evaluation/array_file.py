"""Arrays in `.npy` files, written and read some rows at a time.

The files hold features of images; the memory in use does not grow with the number of
images.
"""

import pathlib

import numpy as np


class RowsWriter:
    """Writer of a float32 array `(count, dim)`, from the first row to the last.

    Args:
        path: str or path.
        count: int. Number of rows of the array.
    """

    def __init__(self, path, count):
        self.path = pathlib.Path(path)
        self.count = count
        self.written = 0
        self._file = open(path, "wb")

    def append(self, rows):
        rows = np.ascontiguousarray(rows, "<f4")
        if not self.written:
            header = {
                "descr": "<f4",
                "fortran_order": False,
                "shape": (self.count, rows.shape[1]),
            }
            np.lib.format.write_array_header_1_0(self._file, header)
        self.written += len(rows)
        self._file.write(rows.tobytes())

    def close(self):
        """Closes the file.

        Raises:
            ValueError: Rows are missing.
        """
        self._file.close()
        if self.written != self.count:
            raise ValueError(
                f"{self.path.name} must have {self.count} rows. "
                f"Received: {self.written}"
            )


class Rows:
    """Reader of the rows of an array file, by a slice or a sequence of numbers.

    Rows are read as float64. The file is not mapped, so that the process takes no more
    memory than the rows in use.

    Args:
        path: str or path.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        with open(path, "rb") as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise ValueError(
                    f"{self.path} must be of .npy version 1.0. Received: {version}"
                )
            header = np.lib.format.read_array_header_1_0(file)
            self.shape, _, self._dtype = header
            self._start = file.tell()
        size = self._start + self.shape[0] * self._width
        if self.path.stat().st_size != size:
            raise ValueError(
                f"{self.path} must be of {size} bytes. "
                f"Received: {self.path.stat().st_size}"
            )

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, numbers):
        if isinstance(numbers, slice):
            start, stop, step = numbers.indices(len(self))
            if step != 1:
                raise IndexError(f"Steps must be 1. Received: {step}")
            return self._read(start, max(stop - start, 0))
        return np.concatenate([self._read(int(n), 1) for n in numbers])

    @property
    def _width(self):
        return self.shape[1] * self._dtype.itemsize

    def _read(self, start, count):
        values = np.fromfile(
            self.path,
            self._dtype,
            count * self.shape[1],
            offset=self._start + start * self._width,
        )
        return values.reshape(count, self.shape[1]).astype("float64")


def blocks(rows, size=1024):
    """Yields the number of the first row, and the rows, of consecutive blocks."""
    for start in range(0, len(rows), size):
        yield start, rows[start : start + size]
