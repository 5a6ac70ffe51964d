from unittest import mock

import numpy as np
from PIL import Image

from inr_keras import GeneratorExport
from inr_keras import SampleSheets
from inr_keras import load_generator
from inr_keras.training import strategies
from tests import testing
from tests.training import small


class CallbacksTest(testing.TestCase):
    def test_sheets_and_the_generator(self):
        self.run_eagerly()
        gan = small.small_gan()
        folder = self.temporary_folder()
        export = GeneratorExport(folder / "average.keras", kimg=0.004)
        callbacks = [SampleSheets(folder, 0.2, range(6), size=16), export]
        images = small.random_images()
        gan.fit(images, batch_size=4, verbose=0, callbacks=callbacks)
        self.assertEqual(
            sorted(path.name for path in folder.iterdir()),
            ["average.keras", "kimg_000000.0.png"],
        )
        sheet = np.array(Image.open(folder / "kimg_000000.0.png"))
        self.assertEqual(sheet.shape, (32, 48, 3))
        loaded = load_generator(folder / "average.keras")
        np.testing.assert_array_equal(loaded.generate(3), gan.ema_generator.generate(3))

    def test_the_chief_alone_writes(self):
        self.run_eagerly()
        folder = self.temporary_folder()
        callbacks = [
            SampleSheets(folder / "sheets", 0.2, range(6), size=16),
            GeneratorExport(folder / "average.keras", kimg=0.004),
        ]
        with mock.patch.object(strategies, "is_chief", return_value=False):
            small.small_gan().fit(
                small.random_images(), batch_size=4, verbose=0, callbacks=callbacks
            )
        self.assertEqual([*folder.iterdir()], [])

    def test_errors(self):
        with self.assertRaisesRegex(ValueError, "`path` must end in .keras.*a.h5"):
            GeneratorExport("a.h5")
