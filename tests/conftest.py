"""What all tests have: two logical CPU devices, and an exported model."""

import gc
import os
import types
from unittest import mock

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402
from tensorflow.python.eager import context  # noqa: E402
from tensorflow.python.framework import config as tf_config  # noqa: E402
from tensorflow.python.framework import ops  # noqa: E402

# So that distribution is tested everywhere.
_CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(
    _CPU, [tf.config.LogicalDeviceConfiguration()] * 2
)

_set_random_seed = keras.utils.set_random_seed


def _seed_and_keep_kernels(seed):
    """Seeds all, and lets TensorFlow keep the kernels of its operations.

    It would forget them with each seed, to begin the numbers of stateful operations
    anew, and make them again in each test: 0.2 s for a network, 0.2 s for a step of
    training. Networks and steps draw by stateless operations, whose numbers a kernel
    does not change.
    """
    with mock.patch.object(
        context.pywrap_tfe, "TFE_ContextClearCaches", lambda _: None
    ):
        _set_random_seed(seed)


keras.utils.set_random_seed = _seed_and_keep_kernels


# Files of tests that take longest, in this order: they are begun first, so that the
# workers end together.
LONGEST = (
    "training/multi_worker_test.py",
    "notebooks_test.py",
    "serving/explorer_visitors_test.py",
    "soak_test.py",
    "doctest_test.py",
    "package_test.py",
    "apps/train_test.py",
    "apps/train_input_test.py",
    "training/mirrored_test.py",
    "training/stages_test.py",
    "apps/generate_test.py",
    "apps/export_test.py",
    "apps/plan_test.py",
    "training/step/micro_batches_test.py",
    "studies/suite_test.py",
    "rendering/foveation_test.py",
    "benchmarks/planning_test.py",
    "benchmarks/memory_test.py",
    "training/step/recorded_steps_test.py",
    "benchmarks/training_cost_test.py",
    "benchmarks/data_speed_test.py",
    "training/step/separate_updates_test.py",
    "serving/explorer_views_test.py",
    "serving/explorer_test.py",
    "training/conditional_test.py",
    "serving/conditional_test.py",
    "config/presets_test.py",
    "studies/overfitting_study_test.py",
)


# The mark `slow` is for tests of more than a second; other machines may take longer.
SLOW = 3.0


def pytest_collection_modifyitems(items):
    def place(item):
        name = item.nodeid.partition("::")[0].removeprefix("tests/")
        return LONGEST.index(name) if name in LONGEST else len(LONGEST)

    items.sort(key=place)


def pytest_collection_finish():
    """Keeps collections of garbage from walking over all modules again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_terminal_summary(terminalreporter):
    """Names the tests that `make test FAST=1` runs though they take long."""
    late = sorted(
        f"{report.duration:.1f} s {report.nodeid}"
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        and report.duration > SLOW
        and "slow" not in report.keywords
    )
    if late:
        terminalreporter.section("not marked as slow")
        terminalreporter.line("\n".join(late))


@pytest.fixture
def eagerly():
    """No graphs: tracing takes longer than small networks do."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(autouse=True)
def _no_determinism_left():
    """Ends the determinism of a test's run, which holds for the whole process."""
    yield
    if tf_config.is_op_determinism_enabled():
        tf_config.disable_op_determinism()


@pytest.fixture(scope="module", autouse=True)
def _forgotten_graphs():
    """Frees the graphs and kernels of a module's tests, which would be gigabytes.

    TensorFlow registers the gradients of every traced `tf.custom_gradient` for good,
    and with them the graphs that they belong to.
    """
    yield
    context.context().clear_kernel_cache()
    gradients = ops.gradient_registry._registry
    traced = [name for name in gradients if name.startswith("CustomGradient-")]
    for name in traced:
        del gradients[name]
    if traced:
        gc.collect()


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A small generator and version 1 of its SavedModel, to read only."""
    from inr_keras import export
    from tests.rendering.generators import small_generator

    generator = small_generator(resolution=6, alignment="center")
    folder = tmp_path_factory.mktemp("exported") / "small"
    version = export.export(generator, folder, "By me. Licence: CC0", test=False)
    return types.SimpleNamespace(generator=generator, version=version)
