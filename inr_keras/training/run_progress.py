"""Images seen in the training of a run's generators."""

import json

from inr_keras.runs import record_files
from inr_keras.training import checkpoints


def kimg(path):
    """Reads the number of images that a run's generator has seen, in thousands.

    Args:
        path: Path of a run directory, or of `generator.keras` or `best_generator.keras`
            in one.

    Returns:
        float; `None` where the run does not tell, and for other files.
    """
    folder = path if path.is_dir() else path.parent
    if path.name == "best_generator.keras":
        try:
            best = json.loads((folder / "best.json").read_text(encoding="utf-8"))
            return best["images_seen"] / 1000.0
        except (OSError, ValueError, LookupError):
            return None
    if path.is_file() and path.name != "generator.keras":
        return None
    # The generator is written with each checkpoint; the metrics may go on after it.
    seen = [
        checkpoints.images_seen(file)
        for file in checkpoints.paths(folder / "checkpoints")
    ]
    metrics = folder / record_files.METRICS
    if not seen and metrics.is_file():
        seen = [record["images_seen"] for record in record_files.read(metrics)]
    return max(seen) / 1000.0 if seen else None
