"""Permitted names, shared by settings and the functions that take them."""

# DTYPES are for training, with variables in float32. POLICIES are for networks alone:
# training in float16 would need scaled losses.
DTYPES = ("float32", "mixed_bfloat16")
AUTO = "auto"  # A measurement at the start of a run picks one.
POLICIES = (*DTYPES, "mixed_float16")
# Places of an image's samples, or of the points of a stage's grid, in the frame.
ALIGNMENTS = ("corner", "center")
GRID_ALIGNMENTS = (*ALIGNMENTS, "span")
# Where crops may start: on samples of the previous stage's grid, on any sample of their
# own grid, or on any pixel.
CROP_STARTS = ("aligned", "grid", "pixel")
# What lies beyond the border of an image: its last pixels, or itself mirrored.
SURROUNDINGS = ("edge", "mirror")
REDUCTIONS = ("box", "antialias", "nearest")
# Kinds of data and the number of their axes.
KINDS = {"image": 2, "panorama": 2, "sound": 1, "solid": 3}
MOTIONS = ("spin", "pulse", "film")  # Two are made of an image; films have their own.
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
