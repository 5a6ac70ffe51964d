"""Study of the geometric prior: keypoints predicted from latents by a linear model."""

import json
import pathlib

import keras
import numpy as np
from matplotlib.figure import Figure

from inr_keras import markdown_pages
from inr_keras import rendering
from inr_keras import runs
from inr_keras.files import write_beside
from inr_keras.studies import keypoint_detector
from inr_keras.studies import ridge

TRUSTED = 1.0  # Pixels that keypoints may move where an image is mirrored.
_FIRST_SEED = 20_000  # Apart from the seeds of sheets, by which people choose.
_BATCH = 100  # Images drawn at a time.
_RESAMPLES = 1000
_HELD_OUT = 4  # One image in this many is held out.
_FEWEST = 8 * _HELD_OUT  # Images of a model whose keypoints are found.
_SHOWN = 12
_COLOURS = ((0, 0, 255), (0, 160, 0), (255, 0, 0), (255, 0, 255), (255, 0, 255))


def run(
    models,
    page,
    facts,
    workdir,
    samples=2000,
    steps=3000,
    tell=lambda text: None,
    trust_model=False,
):
    """Fits linear models of keypoints of generated faces, and writes a page.

    Args:
        models: List of paths of generators of faces of one size, see
            `runs.load_generator`.
        page: Path of the Markdown page; its files go to a folder of its name.
        facts: dict. `command`, `machine` and `date`, for the page.
        workdir: str or path. Folder of the detector, which is trained once.
        samples: int. Number of images of each model, with the held-out quarter.
        steps: int. Steps of the detector's training.
        tell: Function of a line of text that reports progress. Defaults to silence.
        trust_model: bool. See `runs.load_generator`. Defaults to `False`.

    Returns:
        List of the files written, the page first.

    Raises:
        ValueError: The models draw images of several sizes, or no colours.
    """
    if samples < _FEWEST:
        raise ValueError(f"`samples` must be {_FEWEST} or more. Received: {samples}")
    generators = [runs.load_generator(model, trust_model) for model in models]
    sides = sorted({generator.resolution for generator in generators})
    if len(sides) > 1:
        raise ValueError(
            f"`models` must draw images of one size. Received: sizes {sides}"
        )
    for generator in generators:
        runs.check_images(generator, channels=(3,))
    detector, quality = _detector(pathlib.Path(workdir), sides[0], steps, tell)
    results = []
    for model, generator in zip(models, generators):
        tell(f"{model}: {samples} images")
        results.append(_study(str(model), generator, detector, samples))
    return _write(pathlib.Path(page), facts, results, quality, samples)


def _detector(workdir, side, steps, tell):
    """Loads the detector, or trains it first; and measures it on faces held out."""
    fitted, held_out = keypoint_detector.split(keypoint_detector.load_faces(side))
    path = workdir / f"keypoints_{side}_{steps}.keras"
    if path.exists():
        detector = keras.models.load_model(path, compile=False, safe_mode=True)
    else:
        detector = keypoint_detector.train(
            fitted, steps, tell=lambda share: tell(f"detector: {share:.0%} trained")
        )
        write_beside(path, detector.save)
    found, moved = keypoint_detector.detect(detector, held_out.images)
    error = np.linalg.norm(found - held_out.keypoints, axis=-1) * side / 2
    constant = held_out.keypoints - fitted.keypoints.mean(axis=0)
    trusted = moved <= TRUSTED
    return detector, {
        "fitted": len(fitted.images),
        "held_out": len(held_out.images),
        "error": error[trusted].mean(axis=0).tolist(),
        "all_error": float(error.mean()),
        "constant_error": float(np.linalg.norm(constant, axis=-1).mean() * side / 2),
        "trusted": int(trusted.sum()),
    }


def _study(model, generator, detector, samples):
    renderer = rendering.Renderer(generator)
    seeds = range(_FIRST_SEED, _FIRST_SEED + samples)
    latents = rendering.latents_from_seeds(seeds, generator.latent_dim)
    styles = np.asarray(renderer.styles(latents))
    images = np.concatenate(
        [
            rendering.to_uint8(renderer.render(styles[i : i + _BATCH]))
            for i in range(0, samples, _BATCH)
        ]
    )
    keypoints, moved = keypoint_detector.detect(detector, images)
    trusted = moved <= TRUSTED
    if trusted.sum() < _FEWEST:
        raise ValueError(
            "`models` must draw faces whose keypoints can be found. Received: "
            f"{model}, {trusted.sum()} of {samples} images with such keypoints"
        )
    latents, styles, images, keypoints = (
        values[trusted] for values in (latents, styles, images, keypoints)
    )
    order = np.random.default_rng(0).permutation(len(styles))
    inputs = {
        "latents": latents,
        "styles": styles,
        "other images' styles": styles[order],
    }
    return {
        "model": model,
        "title": type(generator).__name__,
        "trusted": int(trusted.sum()),
        "deviation": float(np.std(keypoints, axis=0).mean() * images.shape[1] / 2),
        "scores": {name: _scores(x, keypoints) for name, x in inputs.items()},
        "shown": _marked(images[:_SHOWN], keypoints[:_SHOWN]),
    }


def _scores(inputs, keypoints):
    """Computes R^2 of each keypoint and of all, with intervals.

    Returns:
        dict from names to R^2 on the images held out and the bounds of its 95 %
        interval, by resampling these images.
    """
    inputs = np.asarray(inputs, "float64")
    targets = np.reshape(keypoints, (len(keypoints), -1)).astype("float64")
    held_out = len(inputs) // _HELD_OUT
    model = ridge.fit(inputs[held_out:], targets[held_out:])
    tested, found = targets[:held_out], model(inputs[:held_out])
    names = keypoint_detector.NAMES
    parts = {name: slice(2 * i, 2 * i + 2) for i, name in enumerate(names)}
    parts["all"] = slice(None)
    random = np.random.default_rng(0)
    draws = random.integers(0, held_out, (_RESAMPLES, held_out))
    scores = {}
    for name, columns in parts.items():
        values = [
            _r_squared(tested[rows, columns], found[rows, columns]) for rows in draws
        ]
        low, high = np.percentile(values, (2.5, 97.5))
        score = _r_squared(tested[:, columns], found[:, columns])
        scores[name] = [float(score), float(low), float(high)]
    return scores


def _r_squared(targets, predicted):
    """Computes 1 - squared error / variance, over all columns together."""
    variance = np.sum((targets - targets.mean(axis=0)) ** 2)
    return 1.0 - np.sum((targets - predicted) ** 2) / variance


def _marked(images, keypoints, zoom=4):
    """Enlarges images and marks their keypoints."""
    images = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    side = images.shape[1]
    places = np.clip((keypoints + 1) * side / 2, 3, side - 3).astype(int)
    for image, points in zip(images, places):
        for (x, y), colour in zip(points, _COLOURS):
            image[y - 2 : y + 2, x - 2 : x + 2] = colour
    return images


def _write(page, facts, results, quality, samples):
    folder = page.with_suffix("")
    names = ("faces.png", "r_squared.png", "scores.json")
    files = [page, *(folder / name for name in names)]
    shown = np.concatenate([result.pop("shown") for result in results])
    rendering.save_image(files[1], rendering.sheet(shown, _SHOWN, margin=2))
    figure = _figure(results)
    write_beside(files[2], lambda path: figure.savefig(path, dpi=100))
    numbers = {"facts": facts, "detector": quality, "results": results}
    text = json.dumps(numbers, indent=1) + "\n"
    write_beside(files[3], lambda path: path.write_text(text, encoding="utf-8"))
    rows = "; ".join(f"{r['title']} (`{r['model']}`)" for r in results)
    parts = [
        _head(facts, quality, samples),
        _table(results),
        _verdict(results),
        f"## Keypoints\n\n![faces with keypoints]({folder.name}/faces.png)\n\n"
        f"Rows: {rows}; the first faces whose keypoints are trusted.\n",
        f"## R^2 of each keypoint\n\n![R^2 with intervals]({folder.name}/"
        "r_squared.png)\n\nFrom styles, with 95 % intervals.\n",
    ]
    text = "\n".join(parts)
    write_beside(page, lambda path: path.write_text(text, encoding="utf-8"))
    return files


def _head(facts, quality, samples):
    errors = ", ".join(
        f"{name} {error:.2f}"
        for name, error in zip(keypoint_detector.NAMES, quality["error"])
    )
    return "\n".join(
        [
            *markdown_pages.head("prior: keypoints read off latents", facts["command"]),
            f"{facts['machine']}, {facts['date']}. INR-GAN (Skorokhodov et al. 2020) "
            "claims a geometric prior: a linear model finds keypoints of an image in "
            "its latent code, better than in a convolutional generator's. Here the "
            "keypoints are eyes and mouths of OpenMoji's faces, whose places in the "
            "SVG files are exact. A convolutional detector learns them from "
            f"{quality['fitted']} faces, shifted, scaled, mirrored and recoloured. On "
            f"{quality['held_out']} faces held out its error is "
            f"{quality['all_error']:.2f} pixels, that of the mean place "
            f"{quality['constant_error']:.2f}. It is trusted where keypoints move by "
            f"at most {TRUSTED:g} pixel when the image is mirrored. This holds for "
            f"{quality['trusted']} of the faces held out, with these errors in pixels: "
            f"{errors}.",
            "",
            f"Of each model's {samples} images, those with trusted keypoints count. A "
            "ridge regression from latents or styles to all coordinates is fitted to "
            "three quarters of them; R^2 is of the others, in brackets its 95 % "
            "interval by resampling these.",
            "",
        ]
    )


def _table(results):
    lines = [
        "| model | trusted images | deviation, pixels | R^2, latents | R^2, styles | "
        "R^2, other images' styles |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for result in results:
        cells = " | ".join(
            _interval(scores["all"]) for scores in result["scores"].values()
        )
        lines.append(
            f"| {result['title']}, `{result['model']}` | {result['trusted']} | "
            f"{result['deviation']:.2f} | {cells} |"
        )
    lines += [
        "",
        "The deviation is that of the keypoints between images. The last column is a "
        "control.",
        "",
    ]
    return "\n".join(lines)


def _interval(score):
    return "{:.2f} ({:.2f} to {:.2f})".format(*score)


def _verdict(results):
    """Names the model whose keypoints are predicted best, if no intervals overlap."""
    kinds = {}
    for result in results:
        kinds.setdefault(result["title"], []).append(result["scores"])
    lines = []
    for inputs in ("latents", "styles"):
        ranges = {
            title: (
                min(scores[inputs]["all"][1] for scores in several),
                max(scores[inputs]["all"][2] for scores in several),
            )
            for title, several in kinds.items()
        }
        best = max(ranges, key=lambda title: ranges[title][0])
        others = [high for title, (_, high) in ranges.items() if title != best]
        if not others:
            continue
        if ranges[best][0] > max(others):
            lines.append(f"From {inputs}, {best} is predicted best in every run.")
        else:
            lines.append(f"From {inputs}, intervals overlap: no model is ahead.")
    return "\n".join(lines) + "\n"


def _figure(results):
    figure = Figure(figsize=(8.0, 4.0), layout="constrained")
    axes = figure.subplots()
    names = [*keypoint_detector.NAMES, "all"]
    width = 0.8 / len(results)
    for number, result in enumerate(results):
        scores = np.array([result["scores"]["styles"][name] for name in names])
        places = np.arange(len(names)) + number * width
        spread = np.abs(scores[:, 1:] - scores[:, :1]).T
        label = f"{result['title']}, {pathlib.Path(result['model']).name}"
        axes.bar(places, scores[:, 0], width, yerr=spread, capsize=2, label=label)
    axes.set_xticks(np.arange(len(names)) + 0.4 - width / 2, names, fontsize=8)
    axes.set_ylabel("R^2")
    axes.legend(fontsize=7)
    return figure
