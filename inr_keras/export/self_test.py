"""Test that an exported model draws its generator's images."""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf

from inr_keras import paths
from inr_keras import rendering
from inr_keras.export import example_requests
from inr_keras.export import plain_tensorflow
from inr_keras.export import signatures

# Runs a file with the import path of this process and nothing else of its environment.
_PROGRAM = """
import json, runpy, sys
sys.path[:] = json.loads(sys.argv[1])
del sys.argv[:2]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


class SelfTestError(RuntimeError):
    """Error of an exported model that cannot be run, or draws other images."""


def cases(generator, metadata):
    """Builds requests of each signature with the answers of the generator.

    Args:
        generator: See `signatures.build`.
        metadata: dict, the metadata of the exported model.

    Returns:
        dict of arrays for `plain_tensorflow.check`.
    """
    arrays, number = {}, 0
    names = signatures.names(generator)
    renderer = rendering.Renderer(generator)
    with tf.device("CPU:0"):  # The model is tested on it too.
        for signature in names:
            single = [0] if f"{signature}{signatures.BATCH}" in names else []
            for batch in [*single, 2]:
                request = example_requests.inputs(generator, signature, batch)
                answer = example_requests.outputs(
                    renderer, signature, request, metadata
                )
                for kind, part in (("inputs", request), ("outputs", answer)):
                    for key, value in part.items():
                        arrays[f"{number}/{signature}/{kind}/{key}"] = value
                number += 1
    return arrays


def run(version, generator, metadata):
    """Runs the model in a separate process that imports TensorFlow alone.

    Args:
        version: str or path of the model's folder.
        generator, metadata: See `cases`.

    Raises:
        SelfTestError: The model cannot be loaded, fails or draws something else.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        paths.without_patterns(version) as plain,
    ):
        path = pathlib.Path(folder, "cases.npz")
        np.savez(path, **cases(generator, metadata))
        arguments = plain_tensorflow.__file__, plain, path
        process = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM, json.dumps(sys.path)]
            + list(map(str, arguments)),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    if process.returncode:
        reason = (process.stderr.strip().splitlines() or ["no message"])[-1]
        raise SelfTestError(f"the exported model fails its test: {reason}")
