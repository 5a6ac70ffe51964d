import json

import numpy as np
import pytest
import tensorflow as tf

from inr_keras import rendering
from inr_keras.export import example_requests
from inr_keras.export import model_metadata
from inr_keras.export import plain_tensorflow
from inr_keras.export import signatures
from tests import testing
from tests.rendering.generators import small_generator
from tests.serving.kinds import KINDS

# Those that between them reach all that is drawn.
DRAWING = (
    "generate",
    "render_styles",
    "render_styles_batch",
    "synthesize",
    "style_mix",
)


@pytest.mark.slow
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_answers_what_its_generator_draws(kind):
    generator = KINDS[kind]()
    metadata = model_metadata.describe(generator, "small")
    functions = signatures.build(generator, metadata)
    renderer = rendering.Renderer(generator)
    assert set(functions) == set(metadata["signatures"])
    for name in DRAWING:
        if name in functions:
            request = example_requests.inputs(generator, name, 2)
            expected = example_requests.outputs(renderer, name, request, metadata)
            tensors = in_order(functions[name], request)
            found = functions[name](*tensors)
            found = {key: value.numpy() for key, value in found.items()}
            plain_tensorflow.compare(name, found, expected)


def in_order(function, request):
    return [tf.constant(request[spec.name]) for spec in function.input_signature]


def specs(function):
    return {
        spec.name: (spec.dtype.name, spec.shape.rank and spec.shape.as_list())
        for spec in function.input_signature
    }


class ContractTest(testing.TestCase):
    def test_images_of_classes(self):
        generator = small_generator(class_names=("a", "b"))
        found = signatures.build(generator, {})
        self.assertIs(found["serving_default"], found["generate"])
        number = ("int64", [None])
        truncation = {"truncation": ("float32", [None])}
        label = {"label": ("int32", [None])}
        latents = {"latents": ("float32", [None, 6])}
        area = {
            "box": ("float32", None),
            "height": ("int32", None),
            "width": ("int32", None),
        }
        areas = {
            "box": ("float32", [None, 4]),
            "height": ("int32", [None]),
            "width": ("int32", [None]),
        }
        by_seed = {"seeds": number, **truncation, **label}
        expected = {
            "serving_default": by_seed,
            "generate": by_seed,
            "generate_png": by_seed,
            "generate_latents": {**latents, **truncation, **label},
            "map": {**latents, **label},
            "styles": by_seed,
            "synthesize": {
                "styles": ("float32", [None, 5, 5]),
                "coords": ("float32", [None, None, 2]),
            },
            "style_mix": {
                **by_seed,
                "other_seeds": number,
                "amount": ("float32", [None, 5]),
                "other_label": ("int32", [None]),
            },
            "render_region": {
                "seed": ("int64", None),
                "truncation": ("float32", None),
                "label": ("int32", None),
                **area,
            },
            "render_styles": {"styles": ("float32", None), **area},
            "render_region_batch": {"seed": number, **truncation, **label, **areas},
            "render_styles_batch": {"styles": ("float32", [None, 5, 5]), **areas},
            "metadata": {"keys": ("string", [None])},
        }
        self.assertEqual({k: specs(v) for k, v in found.items()}, expected)

    def test_what_makes_no_sense_is_left_out(self):
        for kind in ("video", "volume"):
            names = signatures.names(KINDS[kind]())
            self.assertIn("generate", names)
            for name in ("generate_png", "render_region", "render_styles"):
                self.assertNotIn(name, names)


class AnswersTest(testing.TestCase):
    @pytest.fixture(autouse=True, scope="class")
    def _build_once(self, request):
        request.cls.generator = small_generator()
        metadata = {"name": "small", "stages": [], "licence": "ü"}
        request.cls.functions = signatures.build(request.cls.generator, metadata)

    def region(self, seed=3, truncation=0.7, box=(-1, -1, 1, 1), h=6, w=5):
        files = self.functions["render_region"](
            tf.constant(seed, tf.int64),
            tf.constant(truncation, tf.float32),
            tf.constant(box, tf.float32),
            tf.constant(h),
            tf.constant(w),
        )["image_bytes"]
        return files

    @pytest.mark.slow
    def test_a_seed_is_an_image_wherever_it_comes(self):
        seeds = tf.constant([2**31 + 5, 0, 7, 0], tf.int64)
        images = self.functions["generate"](seeds, tf.ones(4))["images"]
        self.assertAllEqual(images[1], images[3])
        one = self.functions["generate"](seeds[:1], tf.ones(1))["images"]
        difference = images[0].numpy().astype(int) - one[0]
        self.assertLessEqual(np.abs(difference).max(), 1)
        none = self.functions["generate"](seeds[:0], tf.ones(0))["images"]
        self.assertEqual(none.shape, (0, 8, 8, 3))

    def test_regions_come_singly_and_in_batches(self):
        one = self.region()
        self.assertEqual(one.shape, ())
        self.assertEqual(tf.io.decode_png(one).shape, (6, 5, 3))
        both = self.region([3, 3], [0.7, 0.7], [(-1, -1, 1, 1)] * 2, [6, 4], [5, 9])
        self.assertEqual(both.shape, (2,))
        self.assertEqual(both[0], one)
        self.assertEqual(tf.io.decode_png(both[1]).shape, (4, 9, 3))

    def test_a_tile_is_the_crop_of_a_larger_one(self):
        whole = tf.io.decode_png(self.region(box=(0, 0, 1, 1), h=64, w=64))
        # Of corner-aligned pixels, whose first and last lie on the border.
        end = 15 / 63
        tile = tf.io.decode_png(self.region(box=(0, 0, end, end), h=16, w=16))
        difference = tile.numpy().astype(int) - whole[:16, :16]
        self.assertLessEqual(np.abs(difference).max(), 1)

    def test_hostile_regions(self):
        nan = float("nan")
        for arguments, text in (
            ({"h": 0}, "height and width must be from 1 to 4096"),
            ({"w": -1}, "height and width"),
            ({"h": 10**9, "w": 10**9}, "height and width"),
            ({"box": (0, 0, 0, 1)}, "x0 < x1 and y0 < y1"),
            ({"box": (0, 0, nan, 1)}, "x0 < x1 and y0 < y1"),
            ({"box": (-1e30, 0, 1, 1)}, "x0 < x1 and y0 < y1"),
            ({"box": (0, 0, 1)}, "box must be four numbers"),
            ({"truncation": nan}, "truncation must be from -10 to 10"),
            ({"truncation": 11}, "truncation must be"),
            ({"seed": [1, 2]}, "all inputs must be of as many"),
            ({"seed": -1}, "seeds must be 0 or more"),
        ):
            with self.subTest(str(arguments)):
                with self.assertRaises(tf.errors.InvalidArgumentError) as error:
                    self.region(**arguments)
                self.assertIn(text, str(error.exception))

    def test_styles_are_mixed_layer_by_layer(self):
        amount = tf.constant([[0.0, 1, 0, 0.25, 1]])
        one, other = tf.constant([3], tf.int64), tf.constant([4], tf.int64)
        ones = tf.constant([0.7])
        mixed = self.functions["style_mix"](one, other, amount, ones)["styles"]
        a, b = (
            self.functions["styles"](seeds, ones)["styles"].numpy()
            for seeds in (one, other)
        )
        share = amount.numpy()[..., None]
        self.assertAllClose(mixed, a + share * (b - a), 1e-5, 1e-6)
        latents = rendering.latents_from_seeds([3], 6)
        self.assertAllClose(a[:, 2], self.generator.mapping(latents, truncation=0.7))

    def test_metadata(self):
        keys = tf.constant(["stages", "nothing", "*", "licence"])
        told = self.functions["metadata"](keys)["json"].numpy()
        told = [json.loads(text) for text in told]
        self.assertEqual(told[:2], [[], None])
        self.assertEqual(told[2]["name"], "small")
        self.assertEqual(told[3], "ü")

    def test_numbers_must_be_finite(self):
        bad = tf.constant(np.full((1, 5, 5), np.nan, "float32"))
        with self.assertRaisesRegex(
            tf.errors.InvalidArgumentError, "styles must be finite"
        ):
            self.functions["synthesize"](bad, tf.zeros((1, 3, 2)))
