"""Detection of images that repeat earlier ones, exactly or nearly."""

HASH_BITS = 64


class Duplicates:
    """Index of images by their hashes, which finds repetitions.

    Two perceptual hashes that differ in at most `distance` of 64 bits agree in at least
    one of `distance + 1` bands of bits: only images that share a band are compared.

    Args:
        distance: int from 0 to 16. Largest number of bits in which the hashes of near
            duplicates differ.
    """

    def __init__(self, distance=4):
        if not 0 <= distance <= 16:
            raise ValueError(
                f"`distance` must be from 0 to 16 bits. Received: {distance}"
            )
        self.distance = distance
        edges = [HASH_BITS * i // (distance + 1) for i in range(distance + 2)]
        self._bands = [
            (low, 2 ** (high - low) - 1) for low, high in zip(edges, edges[1:])
        ]
        self._tables = [{} for _ in self._bands]
        self._exact = {}
        self._hashes = []
        self._names = []

    def check(self, name, sha256, phash=None):
        """Finds the earlier image that an image repeats, or adds it to the index.

        Args:
            name: str. Name of the image.
            sha256: str. Digest of its file.
            phash: str. Perceptual hash of 16 hexadecimal digits. Defaults to `None`:
                only exact duplicates count.

        Returns:
            A pair `(kind, text)` that describes the problem, or `None`.
        """
        if sha256 in self._exact:
            return "duplicate", f"of {self._exact[sha256]}"
        self._exact[sha256] = name
        if phash is None:
            return None
        bits = int(phash, 16)
        keys = [(bits >> low) & mask for low, mask in self._bands]
        candidates = set()
        for table, key in zip(self._tables, keys):
            candidates.update(table.get(key, ()))
        distances = [((bits ^ self._hashes[i]).bit_count(), i) for i in candidates]
        bits_apart, nearest = min(distances, default=(HASH_BITS, -1))
        if bits_apart <= self.distance:
            text = f"of {self._names[nearest]}, {bits_apart} bits differ"
            return "near_duplicate", text
        for table, key in zip(self._tables, keys):
            table.setdefault(key, []).append(len(self._hashes))
        self._hashes.append(bits)
        self._names.append(name)
        return None
