"""Memory of a training step, counted from its graph without running it."""

import dataclasses
import math
import pathlib

from inr_keras import config as config_lib
from inr_keras.benchmarks import fresh_process
from inr_keras.runs import config_file

MIB = 2.0**20

# Calibrated on 2 CPU cores with TensorFlow 2.21. The executor chooses its own order,
# which keeps more tensors than the graph's order, and oneDNN holds copies of them in
# layouts of its own: by the factor `_ORDER` together. A node of the graph costs
# `_NODE_MIB` on the host, in all forms that TensorFlow makes of it.
_ORDER = 1.44
_NODE_MIB = 0.028

# Operations whose result shares the memory of their argument.
_VIEWS = {
    "CheckNumerics",
    "EnsureShape",
    "ExpandDims",
    "Identity",
    "IdentityN",
    "PreventGradient",
    "ReadVariableOp",
    "Reshape",
    "Snapshot",
    "Squeeze",
    "StopGradient",
}
_FREE = {"Const", "NoOp", "Placeholder", "Shape", "VarHandleOp"}
# Operations that overwrite an argument after its last use.
_IN_PLACE = set(
    "Abs Add AddN AddV2 BiasAdd Cast Cos Exp LeakyRelu LeakyReluGrad Log "
    "Maximum Minimum Mul Neg Pow RealDiv Relu ReluGrad Rsqrt RsqrtGrad Select "
    "SelectV2 Sigmoid Sign Sin Softplus SoftplusGrad Sqrt SqrtGrad Square Sub "
    "Tanh TanhGrad".split()
)
_BODIES = ("then_branch", "else_branch", "f", "body")


@dataclasses.dataclass(frozen=True)
class Estimate:
    """MiB that a training step of one stage takes.

    Attributes:
        activations: Peak of tensors that live at the same time.
        weights: Weights of all networks, with the EMA and the frozen generator.
        embedding: Share of the coordinate tables in `weights`.
        optimizer: Moments of the optimizers.
        runtime: TensorFlow's copies of the step's graph, on the host.
        data: Decoded images that stay in memory.
        idle: Idle process with all of its libraries.
    """

    activations: float
    weights: float
    embedding: float
    optimizer: float
    runtime: float
    data: float = 0.0
    idle: float = 0.0

    @property
    def step(self):
        """MiB of a step above an idle process, on random data."""
        return self.activations + self.weights + self.optimizer + self.runtime

    @property
    def total(self):
        """MiB of the process of a whole run.

        The remains of earlier stages' graphs and the drawing of sheets of samples
        together take about as much as the graph once more.
        """
        return self.idle + self.data + self.step + self.runtime


def estimate(config, index=-1):
    """Counts the memory of a step of a stage, in this process.

    Tensors are followed through the graph of the step, in the order in which it was
    built, from their creation to their last use. The plans of XLA are not
    considered. The count is for one replica with the whole batch.

    Args:
        config: Experiment.
        index: int. Index of the stage in the stages of `config.resolved()`.
    """
    import tensorflow as tf

    from inr_keras.training import build
    from inr_keras.training.patches import batches

    gan = build.gan_at_stage(config, index)
    step = tf.function(gan.train_step, autograph=False)
    graph = step.get_concrete_function(batches.spec(config, index)).graph
    optimizers = gan.optimizers()
    tables = [w for w in gan.weights if "/embedding/" in w.path]
    return Estimate(
        activations=_ORDER * peak_bytes(graph) / MIB,
        weights=_bytes(gan.weights) / MIB,
        embedding=_bytes(tables) / MIB,
        optimizer=sum(_bytes(o.variables) for o in optimizers) / MIB,
        runtime=_NODE_MIB * len(graph.get_operations()),
    )


def peak_bytes(graph):
    """Counts the peak bytes of tensors that live at once, in the graph's order."""
    return _Liveness({}).peak(graph)


class _Liveness:
    """Counter of the tensors that live at once in a graph.

    Args:
        peaks: dict from the name of a function to its peak, filled on the way.
    """

    def __init__(self, peaks):
        self.peaks = peaks

    def peak(self, graph):
        operations = graph.get_operations()
        owner = self._owners(operations)
        last = {}
        for number, operation in enumerate(operations):
            for tensor in operation.inputs:
                last[owner.get(tensor.name, tensor.name)] = number
        for tensor in getattr(graph, "outputs", ()):
            last[owner.get(tensor.name, tensor.name)] = len(operations)
        alive, now, most = {}, 0, 0
        for number, operation in enumerate(operations):
            used = {owner.get(t.name, t.name) for t in operation.inputs}
            dying = [n for n in used if last[n] == number and n in alive]
            made = self._made(operation, owner)
            if operation.type in _IN_PLACE:
                for name in dying:
                    if alive[name] in made.values():
                        now -= alive.pop(name)
                        dying.remove(name)
                        break
            alive.update(made)
            now += sum(made.values())
            most = max(most, now + self._inside(operation, graph))
            unused = [name for name in made if name not in last]
            for name in dying + unused:
                now -= alive.pop(name)
        return most

    def _owners(self, operations):
        """Maps the name of each view to the tensor whose memory it shares."""
        owner = {}
        for operation in operations:
            if operation.type in _VIEWS and operation.inputs:
                for i, result in enumerate(operation.outputs):
                    source = operation.inputs[min(i, len(operation.inputs) - 1)]
                    owner[result.name] = owner.get(source.name, source.name)
        return owner

    def _made(self, operation, owner):
        if operation.type in _FREE:
            return {}
        return {t.name: _size(t) for t in operation.outputs if t.name not in owner}

    def _inside(self, operation, graph):
        """Counts the peak of the functions that an operation calls, one at a time."""
        most = 0
        attributes = operation.node_def.attr
        names = [attributes[b].func.name for b in _BODIES if b in attributes]
        if "branches" in attributes:  # A switch.
            names += [f.name for f in attributes["branches"].list.func]
        for name in names:
            if name and name not in self.peaks:
                # TensorFlow has no public way to a graph's functions.
                function = graph._get_function(name)
                inner = getattr(function, "graph", None)
                self.peaks[name] = self.peak(inner) if inner else 0
            most = max(most, self.peaks.get(name, 0))
        return most


def _size(tensor):
    """Counts bytes; 0 for unknown shapes, which are masks and lists of rows."""
    shape = tensor.shape
    if not shape.is_fully_defined():
        return 0
    return math.prod(shape.as_list()) * max(tensor.dtype.size or 0, 0)


def _bytes(variables):
    return sum(math.prod(v.shape) * 4 for v in variables)


def estimate_each(cases, limit=None):
    """Estimates cases one after another, in a separate process.

    The memory that counting takes is thus not the run's.

    Args:
        cases: Sequence of (Experiment, index of a stage).
        limit: float. MiB that the process must stay below. Defaults to `None`: any.

    Yields:
        Estimate of each case.

    Raises:
        RuntimeError: The process failed.
        ValueError: A process with the data alone takes more than `limit`.
    """
    cases = list(cases)
    for values in fresh_process.stream(estimate_each_here, cases=cases, limit=limit):
        yield Estimate(**values)


def estimate_each_here(cases, limit=None):
    """Yields estimates as `estimate_each` does, in this process and as dicts."""
    import psutil

    from inr_keras.data import pipeline  # noqa: F401
    from inr_keras.data import sources
    from inr_keras.data import stage_levels
    from inr_keras.training import build

    idle = 0.0
    for config, index in cases:
        build.limit_threads(config)
        source = sources.open_source(config.data, config.resolution)
        sides = set(stage_levels.sides(config))
        sizes = [source.bytes / MIB * (s / config.resolution) ** 2 for s in sides]
        data = sum(size for size in sizes if size <= config.data.cache_mib)
        if config.loss.match_weight:
            data += source.bytes / MIB  # `Matches` has a copy of its own.
        # Measured before the first case, because some of its memory remains.
        idle = idle or psutil.Process().memory_info().rss / MIB
        if limit and idle + data > limit:
            raise ValueError(
                "`limit` must be more than a process takes before its first step, "
                f"{idle:.0f} MiB and {data:.0f} MiB of images. "
                f"Received: {limit:.0f} MiB"
            )
        yield dataclasses.asdict(
            dataclasses.replace(estimate(config, index), data=data, idle=idle)
        )


def fit(config, limit, tell=lambda text: None):
    """Changes settings until the memory of a run stays below a limit.

    Rematerialization, which changes no result, comes first, then micro-batches with
    it, twice as many each time.

    Args:
        config: Experiment.
        limit: float. MiB of the whole process.
        tell: Function of a line of text that reports progress. Defaults to silence.

    Returns:
        The changed Experiment and its `Estimate`.

    Raises:
        ValueError: No such settings stay below the limit.
    """
    candidates = list(_economies(config))
    tried = []
    # One process counts the candidates, until one fits.
    counted = estimate_each([(changed, -1) for _, changed in candidates], limit)
    for (changes, changed), needed in zip(candidates, counted):
        names = ", ".join(f"{k}={v}" for k, v in changes.items()) or "as configured"
        tell(f"{names}: about {needed.total:.0f} MiB")
        if needed.total <= limit:
            return changed, needed
        tried.append((needed.total, names))
    leanest, names = min(tried)
    raise ValueError(
        f"`limit` must be at least what the leanest settings take ({names}), "
        f"about {leanest:.0f} MiB. Received: {limit:.0f} MiB"
    )


def _economies(config):
    """Yields changes of the settings that save memory, and the settings with them."""
    steps = [{}]
    if not config.generator.remat:
        steps.append({"generator.remat": True})
    parts = config.accumulate * 2
    while parts <= config.batch_size:
        steps.append({"generator.remat": True, "accumulate": parts})
        parts *= 2
    for changes in steps:
        changed = config_lib.changed(config, changes)
        try:
            changed.validate()
        except ValueError:  # Settings that exclude each other.
            continue
        yield changes, changed


def fit_run(config, workdir, limit, tell):
    """Changes the settings of a run, as `fit` does, to stay below `limit` MiB.

    An existing run keeps its settings.

    Raises:
        ValueError: No settings that `fit` tries stay below the limit.
    """
    path = pathlib.Path(workdir) / "config.json"
    if path.exists():
        saved = config_file.load_config(workdir)
        changes = {
            "generator.remat": saved.generator.remat,
            "accumulate": saved.accumulate,
        }
        return config_lib.changed(config, changes)
    fitting, needed = fit(config, limit, tell)
    tell(f"Within {limit:.0f} MiB: about {needed.total:.0f} MiB")
    return fitting
