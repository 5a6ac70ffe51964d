import json
import pathlib

import numpy as np
import pytest

from inr_keras import rendering
from inr_keras import runs
from inr_keras.export import web_weights
from tests import testing
from tests.rendering.generators import small_generator
from tests.serving.kinds import KINDS

SHIPPED = pathlib.Path(__file__).parents[2] / "saved_models" / "openmoji"
BOX = (-2.5, -1.0, 0.7, 1.5)


def of_classes():
    """A generator of classes, tables of two sizes and all else that a page can draw."""
    generator = small_generator(
        class_names=("a", "b", "c"), embedding_size=(4, 8), residual_weight=0.3
    )
    rng = np.random.default_rng(0)
    for layer in generator.to_rgb:
        layer.bias.assign(rng.normal(scale=0.1, size=layer.bias.shape))
    return generator


def of_residual_blocks():
    """A grey generator whose blocks add their inputs, of other widths, too."""
    return small_generator(
        rgb="residual", blocks=3, width=[8, 12, 12], channels=1, alignment="center"
    )


class WebWeightsTest(testing.TestCase):
    def test_generators_that_a_page_cannot_draw(self):
        for name in ("volume", "fourier", "video"):
            with self.assertRaisesRegex(ValueError, "must be a CIPSGenerator"):
                web_weights.cips_of(KINDS[name]())

    @pytest.mark.slow
    def test_the_model_that_is_shipped(self):
        exported = runs.load_generator(SHIPPED)
        latents = rendering.latents_from_seeds([0], exported.latent_dim)
        one, other = (
            renderer.render(renderer.styles(latents, 0.7), 20, 30, BOX)
            for renderer in map(
                rendering.Renderer, (exported, web_weights.cips_of(exported))
            )
        )
        self.assertAllClose(one, other, atol=1 / 255)
        del exported.metadata["config"]
        with self.assertRaisesRegex(ValueError, "export it again"):
            web_weights.cips_of(exported)

    @pytest.mark.slow
    def test_pages_of_the_documentation_draw_the_shipped_models(self):
        for name, page in (("openmoji", "try"), ("openmoji128", "try_classes")):
            exported = runs.load_generator(SHIPPED.parent / name)
            description, weights = web_weights.describe(web_weights.cips_of(exported))
            folder = SHIPPED.parents[1] / "docs" / page
            drawn = np.fromfile(folder / "weights.bin", "<f4")
            np.testing.assert_array_equal(drawn, weights)
            network = json.loads((folder / "network.json").read_text(encoding="utf-8"))
            self.assertEqual({k: network[k] for k in description}, description)

    def test_roles_of_layers(self):
        for generator, roles in (
            (of_classes(), ["dense"] + 2 * ["dense", "dense", "colours"]),
            (
                of_residual_blocks(),
                ["dense", "keep", "dense", "join", "shortcut", "dense", "join"]
                + ["keep", "dense", "join", "colours"],
            ),
        ):
            layers = web_weights.describe(generator)[0]["layers"]
            self.assertEqual([layer["role"] for layer in layers], roles)

    def test_every_weight_is_described_once(self):
        for generator in (of_classes(), of_residual_blocks()):
            self.check_weights(generator)

    def check_weights(self, generator):
        description, weights = web_weights.describe(web_weights.cips_of(generator))
        places = []

        def collect(value):
            if isinstance(value, dict):
                for inner in value.values():
                    collect(inner)
            elif isinstance(value, list) and value and isinstance(value[0], int):
                places.append(value)
            elif isinstance(value, list):
                for inner in value:
                    collect(inner)

        collect(description)
        numbers = [i for at, rows, n in places for i in range(at, at + rows * n)]
        self.assertEqual(sorted(numbers), list(range(len(weights))))
        count = sum(np.prod(weight.shape) for weight in generator.weights)
        shares = sum(s is not None for s in generator.mapping.shares)  # In the JSON.
        self.assertEqual(len(weights), count - shares)
