"""Runs an exported model's signatures with TensorFlow 1's loader alone.

Usage: session.py VERSION_FOLDER INPUTS.npz OUTPUTS.npz
"""

import sys

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1


def main(version, inputs, outputs):
    arrays = dict(np.load(inputs))
    results = {}
    with v1.Session(graph=tf.Graph()) as session:
        meta = v1.saved_model.loader.load(session, ["serve"], version)
        for name in ("serving_default", "map", "synthesize"):
            signature = meta.signature_def[name]
            feeds = {
                tensor.name: arrays[key]
                for key, tensor in signature.inputs.items()
            }
            for key, tensor in signature.outputs.items():
                # `styles` is an input's name as well.
                key = f"{name}/{key}" if key in arrays else key
                results[key] = session.run(tensor.name, feeds)
    np.savez(outputs, **results)
    assert "inr_keras" not in sys.modules


main(*sys.argv[1:])
