"""A folder of images with something wrong in nearly all of them."""

import io

import numpy as np
from PIL import Image
from PIL import ImageCms
from PIL import features

# What each file is to be named for, and whether it can be used.
PROBLEMS = {
    "empty.png": ("empty", False),
    "cut.jpg": ("truncated", False),
    "damaged.png": ("corrupt", False),
    "letter.jpg": ("not_a_picture", False),
    "pixel.png": ("tiny", False),
    "z copy.png": ("duplicate", True),
    "z again.jpg": ("near_duplicate", True),
    "plain.png": ("near_uniform", True),
    "wide.png": ("aspect", True),
    "cmyk.jpg": ("mode", True),
    "deep.png": ("mode", True),
    "palette.png": ("mode", True),
    "transparent.png": ("mode", True),
    "animated.gif": ("animated", True),
    "animated.tiff": ("animated", True),
    "animated.webp": ("animated", True),
    "rotated.jpg": ("rotated", True),
    "profile.png": ("profile", True),
}
GOOD = ("good.png", "кот.png", "猫.webp", "قطة.bmp", "naïve café.tiff")
if features.check("avif"):
    GOOD += ("photo.avif",)
OTHERS = ("notes.txt",)
USABLE = len(GOOD) + sum(usable for _, usable in PROBLEMS.values())


def smooth_image(seed, size=48):
    """Like a blurred photograph; no two seeds have near hashes."""
    coarse = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), "uint8")
    image = Image.fromarray(coarse)
    return image.resize((size, size), Image.Resampling.BICUBIC)


def swapped_profile(name="Swap"):
    """An ICC profile in which red means green and green means red."""
    contents = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for a, b in (
        (b"rXYZ", b"tXYZ"),
        (b"gXYZ", b"rXYZ"),
        (b"tXYZ", b"gXYZ"),
        ("sRGB".encode("utf-16-be"), name.encode("utf-16-be")),
    ):
        contents = contents.replace(a, b)
    return contents


def write(folder):
    """Writes all that the names above say."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(GOOD):
        smooth_image(seed).save(folder / name)
    good = smooth_image(0)
    (folder / "z copy.png").write_bytes((folder / "good.png").read_bytes())
    good.resize((40, 40)).save(folder / "z again.jpg", quality=80)

    def jpeg(seed):
        file = io.BytesIO()
        smooth_image(seed).save(file, "JPEG")
        return file.getvalue()

    (folder / "empty.png").touch()
    (folder / "cut.jpg").write_bytes(jpeg(10)[:-400])
    png = bytearray((folder / "good.png").read_bytes())
    png[60:90] = bytes(30)
    (folder / "damaged.png").write_bytes(png)
    (folder / "letter.jpg").write_text("Dear reader, ...")
    Image.new("RGB", (1, 1)).save(folder / "pixel.png")
    Image.new("RGB", (48, 48), (90, 120, 80)).save(folder / "plain.png")
    smooth_image(11).resize((10_000, 48)).save(folder / "wide.png")
    smooth_image(12).convert("CMYK").save(folder / "cmyk.jpg")
    grey = np.asarray(smooth_image(13).convert("L")).astype("uint16")
    Image.fromarray(grey * 257).save(folder / "deep.png")
    smooth_image(14).quantize(16).save(folder / "palette.png")
    transparent = smooth_image(15)
    transparent.putalpha(smooth_image(16).convert("L"))
    transparent.save(folder / "transparent.png")
    for seed, ending in enumerate(("gif", "tiff", "webp"), 30):
        smooth_image(seed).save(
            folder / f"animated.{ending}",
            save_all=True,
            append_images=[smooth_image(17)],
        )
    exif = Image.Exif()
    exif[0x0112] = 6
    smooth_image(19).save(folder / "rotated.jpg", exif=exif)
    smooth_image(20).save(folder / "profile.png", icc_profile=swapped_profile())
    (folder / "notes.txt").write_text("About these images.")
    return folder
