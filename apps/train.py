r"""Trains an INR GAN from a config file, or resumes a run.

Example:
  python -m apps.train --config=configs/openmoji_demo.py --workdir=runs/demo \
      --config.batch_size=16 --config.stages[0].kimg=10
"""

import json
import signal

from absl import flags
from absl import logging
from ml_collections import config_flags

from apps import arguments
from apps import cli
from inr_keras import config as config_lib

_CONFIG = config_flags.DEFINE_config_file("config", None, "Experiment file.")
_WORKDIR = flags.DEFINE_string("workdir", None, "Folder of the run.")
_LIMIT = flags.DEFINE_string(
    "memory_limit",
    "",
    "Memory of the process, such as 1.5GB: rematerialize and split batches until the "
    "run fits, or refuse to start.",
)
_PROFILE = flags.DEFINE_integer(
    "profile",
    0,
    "Number of steps to profile for TensorBoard; 0: none.",
    lower_bound=0,
)
_DRY_RUN = flags.DEFINE_bool(
    "dry_run", False, "Check and print the settings, then stop."
)
cli.require("config", "workdir")


def main():
    config = cli.checked_config(_CONFIG)
    limit = arguments.parse_memory(_LIMIT.value) if _LIMIT.value else None

    from inr_keras.benchmarks import memory
    from inr_keras.training import callbacks
    from inr_keras.training import strategies
    from inr_keras.training import trainer
    from inr_keras.training.health import guard

    if not _DRY_RUN.value:
        logging.info("%s in %s", config.name, _WORKDIR.value)
    if limit:
        config = memory.fit_run(config, _WORKDIR.value, limit, logging.info)
    if _DRY_RUN.value:
        trainer.check(config, _WORKDIR.value)
        print(json.dumps(config_lib.to_dict(config), indent=2))
        return
    try:
        results = trainer.train(config, _WORKDIR.value, _PROFILE.value)
    except callbacks.Preempted:
        cli.interrupt(signal.SIGTERM)  # The run is saved and can be resumed.
    except (strategies.WorkerLost, guard.RunStopped) as error:
        raise cli.Failure(str(error)) from error
    width = max((len(str(path)) for path, _ in results), default=0)
    for path, meaning in results:
        print(f"{str(path):{width}}  {meaning}")


if __name__ == "__main__":
    cli.run(main, flag_of={"limit": "memory_limit"})
