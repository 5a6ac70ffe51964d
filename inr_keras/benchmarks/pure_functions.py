"""Networks as functions of their weights: compiled, differentiated, on any device.

The same code runs on TensorFlow and on JAX.
"""

import contextlib
import importlib

import keras
import numpy as np

# Precisions of products of float32 numbers; TF32 exists only on GPUs.
FLOAT32, TF32 = "float32", "TF32"


def backend():
    """Module of the backend, `tensorflow` or `jax`."""
    name = keras.config.backend()
    if name not in ("tensorflow", "jax"):
        raise ValueError(f"KERAS_BACKEND must be tensorflow or jax. Received: {name!r}")
    return importlib.import_module(name)


def is_jax():
    return keras.config.backend() == "jax"


def pure(call, variables):
    """Makes a function of the values of variables and of the arguments of `call`."""

    def function(values, *arguments):
        with keras.StatelessScope(state_mapping=list(zip(variables, values))):
            return call(*arguments)

    return function


def values_of(variables):
    """Tensors of the present values of variables."""
    return [keras.ops.convert_to_tensor(v.value) for v in variables]


def gradient(function):
    """Makes a function that returns gradients for its first argument, a list."""
    module = backend()
    if is_jax():
        return module.grad(function)

    def gradients(first, *arguments):
        with module.GradientTape() as tape:
            tape.watch(first)
            number = function(first, *arguments)
        return tape.gradient(
            number, first, unconnected_gradients=module.UnconnectedGradients.ZERO
        )

    return gradients


def compiled(function, xla=False):
    """Compiles a function; JAX does so by XLA in any case."""
    module = backend()
    if is_jax():
        return module.jit(function)
    module.get_logger().setLevel("ERROR")  # It would call new functions retraced.
    return module.function(function, autograph=False, jit_compile=xla)


def has_gpu():
    """Tells whether a GPU computes."""
    module = backend()
    if is_jax():
        return module.default_backend() == "gpu"
    return bool(module.config.list_physical_devices("GPU"))


@contextlib.contextmanager
def precision(name):
    """Sets the precision of float32 products on a GPU within the block.

    Args:
        name: str. `FLOAT32` or `TF32`.
    """
    module = backend()
    if is_jax():
        with module.default_matmul_precision(
            "float32" if name == FLOAT32 else "tensorfloat32"
        ):
            yield
        return
    config = module.config.experimental
    before = config.tensor_float_32_execution_enabled()
    config.enable_tensor_float_32_execution(name == TF32)
    try:
        yield
    finally:
        config.enable_tensor_float_32_execution(before)


def on_cpu(function, *arguments):
    """Calls a function with its arguments on the CPU."""
    module = backend()
    if is_jax():
        cpu = module.devices("cpu")[0]
        with module.default_device(cpu):
            return module.jit(function)(*module.device_put(arguments, cpu))
    with module.device("/CPU:0"):
        arguments = module.nest.map_structure(module.identity, arguments)
        return function(*arguments)


def largest_error(found, expected):
    """Largest difference of a number, as a share of the largest of its tensor."""
    errors = [0.0]
    for a, b in zip(keras.tree.flatten(found), keras.tree.flatten(expected)):
        a, b = _dense(a), _dense(b)
        errors.append(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-30))
    return float(max(errors))


def _dense(tensor):
    array = keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(tensor))
    return array.astype("float64")
