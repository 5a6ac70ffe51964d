"""Models that hold the parameters of the reference numbers.

See `tests/fixtures/README.md`. Weights of PyTorch are `(out, in, kh, kw)`.
"""

from inr_keras import conversion
from inr_keras.models import StyleGAN2Discriminator


def cips_generator(arrays):
    """The generator of `cips_generator.npz`."""
    return conversion.load_cips(parameters(arrays))


def parameters(arrays):
    """The state dict that a file of reference numbers holds."""
    return {k[6:]: v for k, v in arrays.items() if k.startswith("param/")}


def cips_discriminator(arrays):
    """The discriminator of `cips_discriminator.npz`."""
    discriminator = StyleGAN2Discriminator(16, channels=(32, 48, 64))
    for name, variable in discriminator_variables(discriminator).items():
        variable.assign(discriminator_weight(name, arrays[f"param/{name}"]))
    return discriminator


def discriminator_variables(discriminator):
    """The reference's state-dict names and this project's variables."""
    variables = {
        "convs.0.0.weight": discriminator.from_rgb.kernel,
        "convs.0.1.bias": discriminator.from_rgb.bias,
        "final_conv.0.weight": discriminator.conv.kernel,
        "final_conv.1.bias": discriminator.conv.bias,
        "final_linear.0.weight": discriminator.dense.kernel,
        "final_linear.0.bias": discriminator.dense.bias,
        "final_linear.1.weight": discriminator.logits.kernel,
        "final_linear.1.bias": discriminator.logits.bias,
    }
    for i, block in enumerate(discriminator.down, start=1):
        variables |= {
            f"convs.{i}.conv1.0.weight": block.conv_1.kernel,
            f"convs.{i}.conv1.1.bias": block.conv_1.bias,
            f"convs.{i}.conv2.1.weight": block.conv_2.kernel,
            f"convs.{i}.conv2.2.bias": block.conv_2.bias,
            f"convs.{i}.skip.1.weight": block.skip.kernel,
        }
    return variables


def discriminator_weight(name, array):
    """A reference array in the layout of this project's variable."""
    if name == "final_linear.0.weight":  # Flattens (C, H, W), ours (H, W, C).
        units = array.shape[0]
        array = array.reshape(units, -1, 4, 4).transpose(2, 3, 1, 0)
        return array.reshape(-1, units)
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    return array.T


def inr_gan_generator(arrays, bilinear=False):
    """The generator of `inr_gan_generator.npz`, or its bilinear variant."""
    return conversion.load_inr_gan(parameters(arrays), bilinear)
