"""Products of matrices that networks are made of: their number, bytes and speed."""

import contextlib
import math
import typing

import keras
import numpy as np
from keras import ops

from inr_keras.benchmarks import pure_functions

_MOST_ROWS = 8192  # Largest measured product; more rows have the same rate.
_LEAST_SHARE = 1e-3  # Of all multiplications: smaller products are not measured.


class Product(typing.NamedTuple):
    """A product of `rows x inputs` and `inputs x outputs` numbers."""

    rows: int
    inputs: int
    outputs: int

    @property
    def multiplications(self):
        return self.rows * self.inputs * self.outputs

    @property
    def numbers(self):
        """Numbers that are read or written."""
        sides = self.inputs + self.outputs
        return self.rows * sides + self.inputs * self.outputs


@contextlib.contextmanager
def recorded(network):
    """Records the products of calls within the block; convolutions as products.

    Args:
        network: Layer or model. Its layers with a `kernel` are counted.

    Yields:
        List of Product, filled by the calls.
    """
    found = []

    def recording(layer, call):
        def recorded_call(*args, **kwargs):
            outputs = call(*args, **kwargs)
            *sides, units = layer.kernel.shape
            rows = math.prod(outputs.shape[:-1])
            found.append(Product(rows, math.prod(sides), units))
            return outputs

        return recorded_call

    layers = [each for each in network._flatten_layers() if hasattr(each, "kernel")]
    for layer in layers:
        layer.call = recording(layer, layer.call)
    try:
        yield found
    finally:
        for layer in layers:
            del layer.call


def gflop(products):
    """Counts two operations for each multiplication, in 1e9."""
    return sum(2 * product.multiplications for product in products) / 1e9


def megabytes(products, dtype):
    """Counts the numbers that each product reads or writes, in 1e6 bytes."""
    size = {"float32": 4, "bfloat16": 2}[dtype]
    return sum(size * product.numbers for product in products) / 1e6


def plain(products, dtype, with_backward=False, seed=0):
    """Makes a compiled call of plain products; returns it with its number of GFLOP.

    Small products are left out, and long ones shortened.

    Args:
        products: List of Product.
        dtype: str. `"float32"` or `"bfloat16"`.
        with_backward: bool. Whether each is followed by the two products that its
            gradients are. Defaults to `False`.
        seed: int. Defaults to `0`.
    """
    least = _LEAST_SHARE * sum(product.multiplications for product in products)
    products = [
        product._replace(rows=min(product.rows, _MOST_ROWS))
        for product in products
        if product.multiplications >= least
    ]
    random = np.random.default_rng(seed)

    def draw(*shape):
        numbers = random.standard_normal(shape, dtype="float32")
        return ops.cast(ops.convert_to_tensor(numbers), dtype)

    # Compilers would precompute constants, and compute equal products once: inputs are
    # arguments, and each product has its own kernel.
    inputs = {product[:2]: draw(*product[:2]) for product in products}
    inputs = [inputs[product[:2]] for product in products]
    kernels = [draw(*product[1:]) for product in products]

    def result(matrix):
        # One number of it, which TensorFlow does not compute alone; XLA might.
        return matrix if pure_functions.is_jax() else matrix[0, 0]

    def multiply(inputs, kernels):
        results = []
        for x, kernel in zip(inputs, kernels):
            y = ops.matmul(x, kernel)
            results.append(result(y))
            if with_backward:
                results.append(result(ops.matmul(y, ops.transpose(kernel))))
                results.append(result(ops.matmul(ops.transpose(x), y)))
        return results

    call = pure_functions.compiled(multiply)
    passes = 3 if with_backward else 1
    return lambda: call(inputs, kernels), passes * gflop(products)


def bandwidth_call(megabytes=256):
    """Makes a call that reads and writes an array; returns it with its gigabytes."""
    array = keras.ops.zeros((int(megabytes * 1e6 / 4),), "float32")
    call = pure_functions.compiled(lambda x: x + 1.0)
    return lambda: call(array), 2 * megabytes / 1e3
