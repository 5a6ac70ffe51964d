import json

import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.export import example_requests
from inr_keras.export import signatures
from tests import testing
from tests.serving.kinds import KINDS


class ExamplesTest(testing.TestCase):
    def test_requests_fit_the_signatures(self):
        for kind in ("cips of classes", "volume"):
            generator = KINDS[kind]()
            functions = signatures.build(generator, {})
            for name, function in functions.items():
                request = example_requests.inputs(generator, name, 3)
                specs = {spec.name: spec for spec in function.input_signature}
                self.assertEqual(set(request), set(specs), name)
                for key, value in request.items():
                    self.assertEqual(len(value), 3, name)
                    if value.dtype.kind != "S":
                        self.assertEqual(value.dtype, specs[key].dtype, key)

    def test_single_regions(self):
        request = example_requests.inputs(KINDS["cips"](), "render_styles", 0)
        self.assertEqual(request["box"].shape, (4,))
        self.assertEqual(np.shape(request["height"]), ())
        self.assertEqual(request["styles"].shape, (5, 5))

    @pytest.mark.slow
    def test_answers(self):
        generator = KINDS["cips"]()
        renderer = rendering.Renderer(generator)

        def answer(name, request):
            return example_requests.outputs(renderer, name, request, {"name": "x"})

        request = example_requests.inputs(generator, "generate", 2)
        styles = renderer.styles(rendering.latents_from_seeds([1], 6), 0.5)
        self.assertAllEqual(
            answer("generate", request)["images"][1:],
            rendering.to_uint8(renderer.render(styles)),
        )
        told = answer("metadata", {"keys": np.array([b"*", b"no"])})["json"]
        self.assertEqual([json.loads(t) for t in told], [{"name": "x"}, None])
