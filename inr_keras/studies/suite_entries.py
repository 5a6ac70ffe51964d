"""Entries of suites: which runs a suite has and what each changes."""

import dataclasses

from inr_keras import config as config_lib
from inr_keras.benchmarks import training_cost
from inr_keras.studies import patch_terms
from inr_keras.studies import quality_report
from inr_keras.studies import slides_changes

# Texts before the tables on the pages of suites.
NOTES = {
    "table1": """The source's figures are those of MS-patch (Lee et al. 2022, Table 1):
the FID of Inception's features on FFHQ, LSUN Church and AFHQ at 256x256, after days on
GPUs. Their order can be compared with ours, their size cannot. Image-based training
with accumulated gradients takes the memory of a part of the batch and the time of all.
""",
    "slides": slides_changes.NOTES,
    "quality": quality_report.NOTES,
    "weights": """Weights of patch regularization. MS-patch's public code takes the mean
of squared differences with weights of 0.001, 0.01 and 0.1 in stages 2 and 3, which its
commands try one by one; equation 4 of the paper is a norm, the root of the sum of
squares.
""",
    "discriminators": """The slides (Skorokhodov, August 2020) propose to judge local
patches of full density beside a coarse stage, and ask: "this would make training two
times slower; can we alleviate this?" The rows with dense patches do so in the stages
before the last, with a weight of 0.25: by the stage's discriminator, by a second one,
by a second one every fourth step alone, and by a second one of half the width. The
slides also propose to "provide global context": the discriminator then sees what
surrounds a patch, on the grid of the stage before. Fresh latents are those of StyleGAN2
and CIPS, which draw new ones for the generator's step. Runs have equal numbers of
images.
""",
}


@dataclasses.dataclass(frozen=True)
class Entry:
    """Run of a suite, with its changes of the suite's config."""

    name: str
    title: str
    changes: dict = dataclasses.field(default_factory=dict)
    seed: int = 0
    config: config_lib.Experiment | None = None  # Used in place of the suite's.
    against: str = ""  # Name of the entry that it is compared with.
    source: str = ""  # What the source states about it.
    walk: bool = False  # Whether its page shows and measures a walk.
    cost_stage: int = -1  # Index of the stage whose step is measured.
    length: float = 1.0  # Images or minutes, relative to the suite's other runs.

    @property
    def folder(self):
        return f"{self.name}_seed{self.seed}"


def build_entries(name, config, seeds=(0,), against=None, only=()):
    """Lists the entries of a suite for each seed.

    Args:
        name: str. `table1`: the paper's methods and the ablation of patch
            regularization; `variants`: one change each to the plain recipe;
            `discriminators`: changes of what the discriminator of the plain recipe
            sees, and when; `slides`: the slides' changes, each on top of those before;
            `weights`: the sources' weight of patch regularization in both norms, none,
            and the config's own; `quality`: the plain recipe, a longer one, and single
            changes or removals of its parts, for `quality.Protocol`.
        config: Experiment. Multi-stage training; for `slides` a SIREN of whole
            images, such as `configs/slides_before.py`.
        seeds: Sequence of int. Each entry is listed once for each seed.
        against: Experiment. A further entry with the name of this config.
        only: Sequence of str. Names of the entries to keep; `()`: all.

    Raises:
        ValueError: The config's method is not multi-stage training, its generator
            is not the suite's, a name of `only` is unknown, `against` has the name
            of another entry, or a change cannot be combined with the config.
    """
    entries = _entries(name, config, against)
    known = [entry.name for entry in entries]
    for chosen in only:
        if chosen not in known:
            raise ValueError(
                f"`only` must be one of {', '.join(known)}. Received: {chosen!r}"
            )
    if only:
        entries = [entry for entry in entries if entry.name in only]
    _validate(entries, config)
    return [
        dataclasses.replace(entry, seed=seed) for seed in seeds for entry in entries
    ]


def names(name, config, against=None):
    """Lists the names of all runs of a suite, see `build_entries`."""
    return [entry.name for entry in _entries(name, config, against)]


def _entries(name, config, against):
    if config.method != "multi_stage":
        raise ValueError(
            f"config.method must be multi_stage. Received: {config.method!r}"
        )
    build, plain = {
        "table1": (_table1, "multi_stage"),
        "variants": (_variants, "plain"),
        "slides": (_slides, ""),
        "discriminators": (_discriminators, "plain"),
        "weights": (_weights, "own"),
        "quality": (_quality, "plain"),
    }[name]
    entries = build(config)
    if against and against.name in [entry.name for entry in entries]:
        raise ValueError(
            "config.name of `against` must differ from the suite's runs. "
            f"Received: {against.name!r}"
        )
    if against:
        entries.append(Entry(against.name, against.name, config=against, against=plain))
    return entries


def _validate(entries, config):
    refused = []
    for entry in entries:
        try:
            config_lib.changed(entry.config or config, entry.changes).validate()
        except ValueError as error:
            refused.append(f"{entry.name}: {error}")
    if refused:
        raise ValueError(
            "these runs cannot be made of the config; name the others in `only`: "
            + "; ".join(refused)
        )


def _table1(config):
    methods = training_cost.METHODS
    entries = (
        ("image", "image-based", methods["image"], "FID 8.51, 6.42, 10.00"),
        (
            "accumulated",
            "image-based, gradient accumulation",
            methods["accumulate"],
            "a baseline without figures",
        ),
        ("patch", "patch-based", methods["patch"], "FID 41.65, 18.48, 39.39"),
        (
            "unregularized",
            "multi-stage, no patch regularization",
            {"stages.patch_weight": 0.0},
            "no figure at hand",
        ),
    )
    return [
        *(
            Entry(name, title, changes, against="multi_stage", source=source)
            for name, title, changes, source in entries
        ),
        Entry("multi_stage", "multi-stage", source="FID 24.38, 10.08, 17.13"),
    ]


def _slides(config):
    if not isinstance(config.generator, config_lib.Siren):
        raise ValueError(
            "config.generator must be a Siren, the slides' INR before their changes. "
            f"Received: {config.generator.architecture!r}"
        )
    changes = {}
    entries = [Entry("before", "before", source="FD about 150")]
    for name, title, change, source in slides_changes.CHAIN:
        now = config_lib.changed(config, changes)
        changes = {**changes, **change(now)}
        entries.append(
            Entry(name, title, changes, against=entries[-1].name, source=source)
        )
    whole = dataclasses.replace(entries[-1], walk=True)
    config = config_lib.changed(config, changes)
    peers = [
        Entry(
            name,
            title,
            {**changes, **change(config)},
            against=whole.name,
            source=source,
            walk=name == "clipped",
        )
        for name, title, change, source in slides_changes.PEERS
    ]
    return [*entries[:-1], whole, *peers]


def _discriminators(config):
    stages = tuple(
        dataclasses.replace(stage, dense_weight=0.25) if stage is not last else stage
        for last in config.stages[-1:]
        for stage in config.stages
    )
    second = {"stages": stages, "loss.dense_discriminator": "second"}
    half = tuple(max(width // 2, 1) for width in config.discriminator.channels)
    rows = (
        ("dense", "dense patches, one discriminator", {"stages": stages}),
        ("second", "dense patches, a second discriminator", second),
        (
            "every_4",
            "a second discriminator, every 4th step",
            {**second, "loss.dense_interval": 4},
        ),
        (
            "small_second",
            "a second discriminator half as wide",
            {**second, "discriminator.dense_channels": half},
        ),
        ("context", "global context", {"discriminator.context": True}),
        ("fresh", "fresh latents for the generator's step", {"fresh_latents": True}),
    )
    entries = [
        Entry("plain", "the plain recipe"),
        *(Entry(*row, against="plain") for row in rows),
    ]
    # The last stage has no dense patches.
    return [dataclasses.replace(entry, cost_stage=-2) for entry in entries]


def _variants(config):
    first = config.resolution // config.stages[0].stride
    shorter = [dataclasses.replace(s, kimg=s.kimg / 2) for s in config.stages]
    r1_weight = config.loss.r1_weight
    small_table = {"generator.embedding_size": first}
    # Groups of 2 images, so that 4 of a batch of 8 are on one grid each.
    replayed = {"replay_every": 4, "discriminator.stddev_group": 2}
    tables = [("small_table", "table as dense as the first grid", small_table)]
    variants = (
        ("corner", "corner alignment", {"alignment": "corner"}),
        ("center", "center alignment", {"alignment": "center"}),
        ("span", "each stage spans the frame", {"alignment": "span"}),
        *(tables if isinstance(config.generator, config_lib.CIPS) else ()),
        ("clip", "fakes clipped", {"loss.clip_fakes": True}),
        ("decay", "weight decays to 0", {"stages.patch_decay": 1.0}),
        ("pool", "only low frequencies held", {"loss.patch_pool": 2}),
        ("margin", "margin of 0.1", {"loss.patch_margin": 0.1}),
        ("replay", "a quarter replayed", replayed),
        ("position", "discriminator told the place", {"discriminator.position": True}),
        (
            "replay_position",
            "replay, and discriminator told the place",
            {**replayed, "discriminator.position": True},
        ),
        (
            "relativistic",
            "relativistic, R1 and R2",
            {"loss.adversarial": "relativistic", "loss.r2_weight": r1_weight},
        ),
        (
            "rates",
            "rates fall to a tenth",
            {"optimizer.final_rate": 0.1},
        ),
        (
            "short_start",
            "half the time before the last stage",
            {"stages": (*shorter[:-1], config.stages[-1])},
        ),
        (
            "lean_discriminator",
            "discriminator half as wide at full size",
            training_cost.lean_discriminator(config),
        ),
    )
    return _against_plain(config, variants)


def _quality(config):
    """Changes of settings that may limit the quality, and longer runs."""
    widths = config.discriminator.channels
    generator = config.generator
    decay = {"stages.patch_decay": 1.0}
    pixel = {**decay, "crops.starts": "pixel"}
    shared = {**pixel, "crops.shared": True}
    unmatched = {"loss.match_weight": 0.0, "loss.match_features": False}
    unlabelled = {**unmatched, "data.labels": False, "data.class_file": ""}
    rows = (
        ("decay", "weight of the stage before decays to 0", decay),
        ("pixel", "that, and crops from any pixel", pixel),
        ("shared", "that, and one place for images that are compared", shared),
        ("margin", "that, and a margin of 6 pixels", {**shared, "crops.margin": 6}),
        ("fresh", "fresh latents for the generator's step", {"fresh_latents": True}),
        (
            "weak_r1",
            "R1 a third as strong",
            {"loss.r1_weight": config.loss.r1_weight / 3},
        ),
        ("batch", "batch twice as large", {"batch_size": 2 * config.batch_size}),
        (
            "styles",
            "styles twice as wide, twice the mapping layers",
            {
                "generator.style_dim": 2 * generator.style_dim,
                "generator.latent_dim": 2 * generator.latent_dim,
                "generator.mapping_layers": 2 * generator.mapping_layers,
            },
        ),
        (
            "wide_discriminator",
            "discriminator twice as wide",
            {"discriminator.channels": tuple(2 * width for width in widths)},
        ),
        (
            "augment",
            "DiffAugment: colour, translation",
            {"augment": ("color", "translation")},
        ),
        (
            "pool_decay",
            "only low frequencies held, by a weight that decays",
            {"loss.patch_pool": 2, "stages.patch_decay": 1.0},
        ),
        (
            "slow_average",
            "EMA four times as slow",
            {"ema_half_life_kimg": 4 * config.ema_half_life_kimg},
        ),
        ("rates", "rates fall to a tenth", {"optimizer.final_rate": 0.1}),
        ("labels", "classes", {"data.labels": True}),
        ("unmatched", "no matched images", unmatched),
        ("unlabelled", "neither matched images nor classes", unlabelled),
        (
            "mapless",
            "no matched images, classes or feature maps",
            {**unlabelled, "discriminator.feature_gain": 0.0},
        ),
    )
    return [
        *_against_plain(config, rows),
        Entry("twice", "twice as long", against="plain", length=2.0),
        Entry("four_times", "four times as long", against="plain", length=4.0),
    ]


def _against_plain(config, rows):
    """Lists the plain recipe and the rows, but changes that the config has already."""
    return [
        Entry("plain", "the plain recipe"),
        *(
            Entry(*row, against="plain")
            for row in rows
            if config_lib.changed(config, row[-1]) != config
        ),
    ]


def _weights(config):
    patch_terms.check(config)

    def changes(weight, kind):
        first, *later = config.stages
        later = [dataclasses.replace(stage, patch_weight=weight) for stage in later]
        return {"stages": (first, *later), "loss.patch": kind}

    return [
        Entry("none", "none", changes(0.0, "mse")),
        Entry(
            "mse",
            "0.01, mean of squares",
            changes(0.01, "mse"),
            against="none",
            source="their code's weights were 0.001 to 0.1",
        ),
        Entry(
            "l2",
            "0.01, equation 4's norm",
            changes(0.01, "l2"),
            against="none",
            source="equation 4",
        ),
        Entry("own", "this project's", against="none"),
    ]
