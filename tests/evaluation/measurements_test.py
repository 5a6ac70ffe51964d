import pytest

from inr_keras.evaluation import evaluate
from inr_keras.evaluation import extractors
from inr_keras.evaluation import measurements
from inr_keras.evaluation import metrics
from inr_keras.evaluation import passports
from inr_keras.evaluation import references
from inr_keras.evaluation import samples
from inr_keras.evaluation import shards
from tests import testing
from tests.evaluation import small_sets
from tests.rendering.generators import small_generator

_COUNT = 520
_CHOSEN = tuple(m for m in metrics.METRICS if m != "fid_quarter")


class MeasurementsTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()
        self.generator = small_generator(resolution=16, embedding_size=16)
        source = small_sets.Source(small_sets.drawings(_COUNT, 0))
        self.reference = references.Reference(source, self.folder / "cache")
        path = small_sets.save_extractor(self.folder / "network.keras")
        self.extractor = extractors.open_extractor(path)

    def evaluation(self, part=None):
        return evaluate.Evaluation(
            metrics.Settings(_CHOSEN, 8, 3),
            samples.Samples(self.generator, _COUNT, 5, 0.9, part=part),
            self.reference,
            self.extractor,
            self.folder / "out",
        )

    def parts(self):
        for number in (1, 2, 3):
            folder = self.folder / f"part{number}"
            folder.mkdir()
            part = shards.part(_COUNT, number, 3)
            self.evaluation(part).drawing().measure(folder).save(folder)
            yield measurements.Measurements.load(folder)

    @pytest.mark.slow
    def test_parts_equal_the_whole_in_all_metrics(self):
        parts = list(self.parts())
        self.assertEqual([len(p.rows["logits"]) for p in parts], [256, 256, 8])
        self.assertEqual([len(p.values["swd"]) for p in parts], [1, 1, 0])
        self.assertEqual([len(p.values["ppl"]) for p in parts], [64, 64, 2])
        expected = self.evaluation().run()
        found = self.evaluation().run(lambda folder: measurements.joined(parts, folder))
        for pair in zip(expected, found, strict=True):
            a, b = map(passports.record, pair)
            self.assertAllClose(a["value"], b["value"], 1e-6)
            # Few blocks have no intervals.
            self.assertAllClose(a["interval"] or [], b["interval"] or [], 1e-6)
            self.assertEqual(a.keys(), b.keys())
            self.assertEqual(a["passport"], b["passport"])
