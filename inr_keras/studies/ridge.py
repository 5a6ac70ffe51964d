"""Ridge regression whose penalties are chosen on held-out samples."""

import dataclasses

import numpy as np

PENALTIES = tuple(10.0**power for power in range(-4, 5))


@dataclasses.dataclass(frozen=True)
class Ridge:
    """Linear model of standardized inputs for each target.

    Attributes:
        mean: Array `(inputs,)`. Mean of each input.
        scale: Array `(inputs,)`. Deviation of each input.
        weights: Array `(inputs, targets)`.
        bias: Array `(targets,)`.
        penalties: Array `(targets,)`. Penalties from `PENALTIES`, per sample.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    penalties: np.ndarray

    def __call__(self, inputs):
        """Predicts targets, `(samples, targets)`, from `(samples, inputs)`."""
        return (inputs - self.mean) / self.scale @ self.weights + self.bias


def fit(inputs, targets):
    """Fits a `Ridge`; each target's penalty is the best on a held-out quarter.

    Args:
        inputs: float64 array `(samples, inputs)`.
        targets: float64 array `(samples, targets)`.
    """
    held = len(inputs) // 4
    candidates = [_solve(inputs[held:], targets[held:], p) for p in PENALTIES]
    errors = [
        np.sum((model(inputs[:held]) - targets[:held]) ** 2, axis=0)
        for model in candidates
    ]
    chosen = np.array(PENALTIES)[np.argmin(errors, axis=0)]
    models = {p: _solve(inputs, targets, p) for p in set(chosen)}
    columns = [models[p].weights[:, i] for i, p in enumerate(chosen)]
    model = models[chosen[0]]  # All models share everything but the weights.
    return dataclasses.replace(
        model, weights=np.stack(columns, axis=1), penalties=chosen
    )


def r_squared(targets, predicted):
    """Computes 1 - squared error / variance for each target; NaN for constants."""
    variance = np.sum((targets - targets.mean(axis=0)) ** 2, axis=0)
    error = np.sum((targets - predicted) ** 2, axis=0)
    # Rounding errors are no variance.
    constant = variance <= 1e-18 * len(targets)
    return np.where(constant, np.nan, 1.0 - error / np.where(constant, 1.0, variance))


def _solve(inputs, targets, penalty):
    mean, bias = inputs.mean(axis=0), targets.mean(axis=0)
    scale = inputs.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    x = (inputs - mean) / scale
    y = targets - bias
    ridge = penalty * len(x)
    if len(x) < x.shape[1]:  # Solve for the same weights with a smaller matrix.
        gram = x @ x.T + ridge * np.eye(len(x))
        weights = x.T @ np.linalg.solve(gram, y)
    else:
        gram = x.T @ x + ridge * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, x.T @ y)
    penalties = np.full(targets.shape[1], penalty)
    return Ridge(mean, scale, weights, bias, penalties)
