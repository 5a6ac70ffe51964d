import json

import numpy as np

from inr_keras.rendering import style_files
from tests import testing
from tests.rendering.generators import small_generator


class StyleFilesTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.generator = small_generator()
        self.path = self.temporary_folder() / "style.npz"

    def test_round_trip(self):
        rng = np.random.default_rng(0)
        for shape in ((1, 5), (2, 5, 5)):
            styles = rng.normal(size=shape).astype("float32")
            latents = rng.normal(size=(1, 6)).astype("float32")
            style_files.save_styles(
                self.path, self.generator, styles, latents, {"space": "w"}
            )
            read = style_files.load_styles(self.path, self.generator)
            self.assertAllEqual(read, styles)
            with np.load(self.path, allow_pickle=False) as arrays:
                self.assertAllEqual(arrays["latents"], latents)
                about = json.loads(str(arrays["about"]))
            self.assertEqual(about["space"], "w")
            self.assertEqual(about["model"]["style_dim"], 5)

    def assertRefused(self, rule, generator=None):
        with self.assertRaisesRegex(ValueError, rule):
            style_files.load_styles(self.path, generator or self.generator)

    def test_another_model(self):
        styles = np.zeros((1, 5), "float32")
        style_files.save_styles(self.path, self.generator, styles)
        self.assertRefused(
            "`path` must be of this model, whose style_dim is 7. .* is 5",
            small_generator(style_dim=7),
        )
        other = small_generator()
        other.mapping.mean_style.assign(np.zeros(5))
        self.assertRefused("whose mean_style is .{12}[.]{3}. Received", other)

    def test_wrong_contents(self):
        self.assertRefused("`path` must be an existing file")
        self.path.write_text("words")
        self.assertRefused("`path` must be a style.npz of apps.invert")
        np.savez(self.path, styles=np.zeros((1, 5)))
        self.assertRefused("`path` must be a style.npz of apps.invert")
        np.savez(self.path, styles=np.array([{}], dtype=object), about="{}")
        self.assertRefused("`path` must be a style.npz of apps.invert")
        for styles, rule in (
            (np.zeros((1, 4, 5)), r"shape \(5, 5\). .*with \(1, 4, 5\)"),
            (np.zeros((0, 5)), r"styles of shape \(5,\)"),
            (np.full((1, 5), np.nan), "finite"),
        ):
            style_files.save_styles(self.path, self.generator, styles)
            self.assertRefused(rule)
