"""Permitted names, shared by settings and the functions that take them."""

# Dtypes of training, whose variables stay float32, and of networks by themselves:
# float16 would need its losses scaled.
DTYPES = ("float32", "mixed_bfloat16")
AUTO = "auto"  # Of a run: one of these two, by a measurement at its start.
POLICIES = (*DTYPES, "mixed_float16")
# Where the samples of an image lie in the frame, and the points of a stage's grid.
ALIGNMENTS = ("corner", "center")
GRID_ALIGNMENTS = (*ALIGNMENTS, "span")
# Where crops may start: on samples of the previous stage's grid, on any of their own,
# or on any pixel.
CROP_STARTS = ("aligned", "grid", "pixel")
# What lies beyond the border of an image: its last pixels, or itself mirrored.
SURROUNDINGS = ("edge", "mirror")
REDUCTIONS = ("box", "antialias", "nearest")
# Kinds of data and the number of their axes.
KINDS = {"image": 2, "panorama": 2, "sound": 1, "solid": 3}
MOTIONS = ("spin", "pulse", "film")  # Two that are made, or a film's own.
AUGMENTATIONS = ("color", "translation", "cutout")
PATCH_LOSSES = ("mse", "l2")
RGB_VARIANTS = ("skip", "residual")
PARAMETRIZATIONS = (
    "linear",
    "se_linear",
    "mfilm",
    "mfilm_no_norm",
    "mfilm_scaled",
    "factorized",
    "factorized_se",
    "adain",
    "shared",
    "se_linear_unscaled",
)
COORDS_LAYERS = ("linear", "shared")
SIREN_INITS = ("original", "slides")
BASES = ("random", "shared", "predicted")
MODULATIONS = ("demod", "sigmoid", "tanh", "none")
UPSAMPLINGS = ("nearest", "bilinear")
# Metrics that are cheap enough to compute during training, with their scores.
SCORES = {
    "swd": ("swd",),
    "fid": ("fid",),
    "dfid": ("dfid",),
    "kid": ("kid",),
    "pr": ("precision", "recall"),
    "dc": ("density", "coverage"),
    "diversity": ("diversity", "duplicates"),
}
