"""Examples in docstrings run and print what they say."""

import ast
import doctest
import functools
import importlib
import inspect
import io
import itertools
import re
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

import inr_keras
from configs import tiny
from docs import site_hooks
from inr_keras import config as config_lib
from inr_keras import coordinates
from inr_keras import data
from inr_keras import export
from inr_keras import metrics
from inr_keras import models
from inr_keras import rendering
from tests import imports_test
from tests.serving.served import Served

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ADDRESS = "127.0.0.1:8501"


def examples():
    """Modules whose docstrings have examples."""
    for path in imports_test.sources("inr_keras"):
        if ">>> " in path.read_text(encoding="utf-8"):
            yield imports_test.module(path)


@functools.cache
def generator():
    """A generator of 16x16 pixels."""
    return models.CIPSGenerator(
        latent_dim=8,
        style_dim=16,
        mapping_layers=1,
        width=16,
        blocks=1,
        fourier_features=8,
        embedding_channels=8,
        embedding_size=16,
    )


def gan():
    """An untrained GAN of 16x16 pixels, from patches of 8x8."""
    return inr_keras.INRGAN(generator(), discriminator(), 16, patch_size=8)


def discriminator():
    """A discriminator of patches of 8x8."""
    return models.StyleGAN2Discriminator(8, channels=(8, 8))


def dataset():
    """Four batches of four images."""
    images = np.zeros((4, 16, 16, 3), "uint8")
    return tf.data.Dataset.from_tensors(images).repeat(4)


def images():
    """Eight images of 16x16 pixels."""
    return np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), "uint8")


def serve(folder, request):
    """Serves an export as `mine` until the test's end; returns the address."""
    tf.config.run_functions_eagerly(False)
    export.export(generator(), folder / "mine", test=False)
    served = Served(folder, loads=False)
    request.addfinalizer(served.close)
    while served.ask("GET", "/healthz")[0] != 200:
        time.sleep(0.1)
    return f"127.0.0.1:{served.port}"


MADE = {f.__name__: f for f in (gan, discriminator, dataset, images)}
MADE["generator"] = generator
KNOWN = {
    **{name: getattr(inr_keras, name) for name in inr_keras.__all__},
    **{name: getattr(data, name) for name in data.__all__},
    **{
        name: value
        for package in (config_lib, metrics, rendering)
        for name, value in vars(package).items()
        if name[0] != "_"
    },
    "coordinates": coordinates,
    "keras": keras,
    "np": np,
    "tiny": tiny,
}


def found(name, folder):
    """Doctests of a module by its name, or of a page by its path."""
    known = {"folder": folder}
    if name.endswith(".md"):  # A page imports what it uses.
        text = (imports_test.ROOT / name).read_text(encoding="utf-8")
        return [doctest.DocTestParser().get_doctest(text, known, name, name, 0)]
    module = importlib.import_module(name)
    known = {**KNOWN, **known, **vars(module)}
    return doctest.DocTestFinder().find(module, globs=known)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*examples(), "docs/python.md"])
def test_examples_run(name, tmp_path, request):
    request.addfinalizer(lambda: tf.config.run_functions_eagerly(False))
    tf.config.run_functions_eagerly(True)
    tests = [test for test in found(name, tmp_path) if test.examples]
    assert tests
    for test in tests:
        keras.utils.set_random_seed(0)
        source = "".join(example.source for example in test.examples)
        for thing, make in MADE.items():
            if re.search(rf"\b{thing}\b", source) and thing not in test.globs:
                test.globs[thing] = make()
        if ADDRESS in source:
            address = serve(tmp_path, request)
            for example in test.examples:
                example.source = example.source.replace(ADDRESS, address)
        report = io.StringIO()
        doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.write)
        assert not report.getvalue(), report.getvalue()


def test_public_classes_have_examples():
    for page, (_, places) in site_hooks.REFERENCE.items():
        for full in itertools.chain(*map(site_hooks.public_names, places)):
            module, _, name = f"inr_keras.{full}".rpartition(".")
            thing = getattr(importlib.import_module(module), name)
            is_class = inspect.isclass(thing) and not issubclass(thing, Exception)
            if is_class or page in ("layers", "losses"):
                assert "Example:" in inspect.getdoc(thing), full


def test_every_example_is_found():
    for path in imports_test.sources("inr_keras"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.Module)):
                text = ast.get_docstring(node) or ""
                place = f"{path.name}: {getattr(node, 'name', '')}"
                if "Example:" in text:
                    assert re.search(r"^Example:\n    >>> ", text, re.M), place
