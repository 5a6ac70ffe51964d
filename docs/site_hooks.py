"""Pages of the site that MkDocs makes of the sources, so that none of them goes stale.

`mkdocs.yml` names this file. Of the library it imports the settings and the explorer's
files alone, which need no other package. Folders such as `docs/try` hold a shipped
model for the explorer, as `apps.export --format=web` writes it.
"""

import ast
import dataclasses
import inspect
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from inr_keras import config as config_lib  # noqa: E402
from inr_keras.config import bounds  # noqa: E402
from inr_keras.explorer import pages as explorer_pages  # noqa: E402

# Pages of the reference: the title, and the packages and names that are documented. A
# package stands for the public names that its own file imports.
REFERENCE = {
    "models": ("Models", ["models"]),
    "layers": ("Layers", ["layers"]),
    "losses": ("Losses", ["losses"]),
    "training": (
        "Training",
        [
            "training.step.gan.INRGAN",
            "training.step.optimizers.lazy_adam",
            "training.step.optimizers.CosineTail",
            "training.step.optimizers.FusedAdam",
            "training.step.optimizers.PartAdam",
            "training.stages.StageCallback",
            "training.trainer.train",
            "training.build.build_gan",
            "training.networks.build_generator",
            "training.networks.build_discriminator",
            "training.callbacks.StopOnNaN",
            "training.callbacks.Checkpoints",
            "training.gan_callbacks.SampleSheets",
            "training.gan_callbacks.GeneratorExport",
            "training.signal_fit.fit_picture",
            "training.health.watchdog.Watchdog",
        ],
    ),
    "coordinates": (
        "Coordinates",
        [
            "coordinates.axis_coordinates",
            "coordinates.grid",
            "coordinates.patch",
            "coordinates.random_offsets",
            "coordinates.previous_region",
            "coordinates.region",
            "coordinates.lattice",
            "coordinates.directions",
            "rectangles.middle_box",
        ],
    ),
    "data": ("Data", ["data"]),
    "rendering": ("Rendering", ["rendering"]),
    "runs": ("Runs", ["runs"]),
    "evaluation": (
        "Evaluation",
        [
            "evaluation.set_scores.compare",
            "evaluation.moments.moments",
            "evaluation.moments.frechet",
            "evaluation.moments.Moments",
            "evaluation.extractors.open_extractor",
            "evaluation.extractors.Extractor",
            "evaluation.metrics.better",
            "evaluation.metrics.Settings",
        ],
    ),
    "metrics": ("Metrics", ["metrics"]),
    "conversion": ("Conversion", ["conversion"]),
    "export": ("Export", ["export"]),
    "client": ("Client", ["client.Client", "client.Refused"]),
}
# Classes of settings, the outermost first.
SETTINGS = (
    *(config_lib.Experiment, config_lib.Stage, config_lib.Crops, config_lib.Data),
    *config_lib.ARCHITECTURES.values(),
    *(config_lib.Discriminator, config_lib.Optimizer, config_lib.Loss),
    *(config_lib.Evaluation, config_lib.Watchdog),
)


def on_files(files, config):
    """Adds the pages to those of the folder, as MkDocs asks."""
    from mkdocs.structure.files import File

    pages = {
        "configurations.md": configurations(ROOT / "configs"),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "reference/index.md": index(),
        "reference/config.md": settings(),
        **{f"reference/{name}.md": reference(name) for name in REFERENCE},
    }
    explorer = explorer_pages.FOLDER
    paths = [p for p in explorer.rglob("*") if p.is_file() and p.name != "index.html"]
    for models in (ROOT / "docs").glob("*/models.json"):
        folder = models.parent.name
        pages[f"{folder}/index.html"] = explorer_pages.without_server()
        for path in paths:
            name = f"{folder}/{path.relative_to(explorer).as_posix()}"
            files.append(File.generated(config, name, abs_src_path=str(path)))
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def configurations(folder):
    """Writes the page of a folder of config files: docstrings, then settings."""
    page = (
        "# Configurations\n\n"
        "A file in `configs/` is an experiment: its `get_config()` states what differs "
        "from the [defaults](reference/config.md). Any setting is a flag as well, such "
        "as `--config.batch_size=32`. FIDs are the papers'; [Scores](scores.md) says "
        "what an FD is.\n"
    )
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            text = path.read_text(encoding="utf-8")
            _, docstring, code = re.split(r'"""', text, maxsplit=2)
            code = "".join(f"    {line}\n" for line in code.strip().splitlines())
            page += (
                f"\n## {path.stem}\n\n{as_markdown(docstring)}\n\n"
                f'??? note "The settings"\n\n    ```python\n{code}    ```\n'
            )
    return page


def as_markdown(docstring):
    """Puts commands into code blocks, and links or shows files of this folder."""
    blocks = []
    for block in docstring.strip().split("\n\n"):
        if re.match(r"(python|cd|find|make) ", block):
            blocks.append(f"```\n{block}\n```")
            continue
        files = re.findall(r"docs/([\w/]+\.(?:png|webp))", block)
        blocks.append(re.sub(r"docs/([\w/]+\.(?:md|png|webp))", r"[\1](\1)", block))
        blocks += [f"![{name}]({name})" for name in files]
    return "\n\n".join(blocks)


def settings():
    """Writes the page of the typed settings: a table of fields for each class."""
    page = (
        "# Settings\n\n"
        "Each setting is a flag of the programs that take `--config`, such as "
        "`--config.data.flip=false` or `--config.stages[0].kimg=200`. "
        "[Configurations](../configurations.md) lists the files that set them.\n"
    )
    for cls in SETTINGS:
        page += f"\n## {cls.__name__}\n\n{inspect.getdoc(cls)}\n\n"
        page += "| field | default | must be | meaning |\n| --- | --- | --- | --- |\n"
        meanings = comments(cls)
        for field in dataclasses.fields(cls):
            rule, _ = field.metadata.get("rule", ("", None))
            most = field.metadata.get("most", bounds.MOST)
            rule += f", at most {most}" if most < bounds.MOST else ""
            default = re.sub(r"\(\w+=[^()]*\)", "(...)", repr(field.default))
            if field.default is dataclasses.MISSING:
                default = f"{field.default_factory.__name__}()"
            meaning = meanings[field.name].replace("|", r"\|")
            page += f"| `{field.name}` | `{default}` | {rule} | {meaning} |\n"
    return page


def comments(cls):
    """Maps the fields of a class and of its bases to the comments around them."""
    found = {}
    for base in reversed(cls.__mro__[:-1]):
        above = []
        for line in inspect.getsource(base).splitlines():
            text, _, comment = line.partition("# ")
            if not text.strip():
                above.append(comment)
            elif field := re.match(r"    (\w+): ", text):
                words = " ".join(filter(None, (*above, comment)))
                found[field[1]] = words or found.get(field[1], "")
                above = []
    return found


def index():
    """Writes the first page of the reference."""
    links = "".join(f"- [{REFERENCE[page][0]}]({page}.md)\n" for page in REFERENCE)
    return (
        "# Reference\n\n"
        f"Every public class and function:\n\n{links}- [Settings](config.md)\n\n"
        "The examples run as tests. `np` and `keras` are there as usual; `generator`, "
        "`discriminator`, `gan` and `dataset` are a small generator of 16x16 pixels, a "
        "discriminator of its patches, the GAN of both, and batches of uint8 images; "
        "`folder` is a path.\n"
    )


def reference(name):
    """Writes a page of the reference: a directive of mkdocstrings for each name."""
    title, places = REFERENCE[name]
    names = [full for place in places for full in public_names(place)]
    return f"# {title}\n" + "".join(f"\n::: inr_keras.{full}\n" for full in names)


def public_names(place):
    """Lists the classes and functions that an entry of `REFERENCE` stands for.

    Args:
        place: str. A package of the library, or the name itself.

    Returns:
        List of str, names below the library in the order of the source.
    """
    source = ROOT / "inr_keras" / place / "__init__.py"
    if not source.exists():
        return [place]
    names = []
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and f".{place}." in node.module:
            names += [alias.name for alias in node.names if not alias.name.isupper()]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            homes = ast.literal_eval(node.value)  # For later imports.
            names += [f"{homes[name]}.{name}" for name in homes]
    return [f"{place}.{name}" for name in names]
