"""Linear models with a penalty on their weights, chosen on held-out rows."""

import dataclasses

import numpy as np

PENALTIES = tuple(10.0**power for power in range(-4, 5))


@dataclasses.dataclass(frozen=True)
class Ridge:
    """A linear model of standardized inputs, one a target.

    Attributes:
        mean: Array `(inputs,)`.
        scale: Array `(inputs,)`.
        weights: Array `(inputs, targets)`.
        bias: Array `(targets,)`.
        penalties: Array `(targets,)`. Chosen of `PENALTIES`, times the rows.
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    penalties: np.ndarray

    def __call__(self, inputs):
        """Array `(rows, targets)` for an array `(rows, inputs)`."""
        return (inputs - self.mean) / self.scale @ self.weights + self.bias


def fit(inputs, targets):
    """Fits a `Ridge`; each target's penalty is best on a quarter of the rows.

    Args:
        inputs: float64 array `(rows, inputs)`.
        targets: float64 array `(rows, targets)`.
    """
    held = len(inputs) // 4
    begin = [_solve(inputs[held:], targets[held:], p) for p in PENALTIES]
    errors = [
        np.sum((model(inputs[:held]) - targets[:held]) ** 2, axis=0) for model in begin
    ]
    chosen = np.array(PENALTIES)[np.argmin(errors, axis=0)]
    models = {p: _solve(inputs, targets, p) for p in set(chosen)}
    columns = [models[p].weights[:, i] for i, p in enumerate(chosen)]
    model = models[chosen[0]]  # All but the weights is of all of them.
    return dataclasses.replace(
        model, weights=np.stack(columns, axis=1), penalties=chosen
    )


def r_squared(targets, predicted):
    """1 - squared error / variance, a target; NaN of a constant one."""
    variance = np.sum((targets - targets.mean(axis=0)) ** 2, axis=0)
    error = np.sum((targets - predicted) ** 2, axis=0)
    # A rounding error is no variance.
    constant = variance <= 1e-18 * len(targets)
    return np.where(constant, np.nan, 1.0 - error / np.where(constant, 1.0, variance))


def _solve(inputs, targets, penalty):
    mean, bias = inputs.mean(axis=0), targets.mean(axis=0)
    scale = inputs.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    x = (inputs - mean) / scale
    y = targets - bias
    ridge = penalty * len(x)
    if len(x) < x.shape[1]:  # The same weights from the smaller matrix.
        gram = x @ x.T + ridge * np.eye(len(x))
        weights = x.T @ np.linalg.solve(gram, y)
    else:
        gram = x.T @ x + ridge * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, x.T @ y)
    penalties = np.full(targets.shape[1], penalty)
    return Ridge(mean, scale, weights, bias, penalties)
