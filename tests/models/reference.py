"""Models that hold the parameters of the reference numbers.

See `tests/fixtures/README.md`. Weights of PyTorch are `(out, in, kh, kw)`.
"""

from inr_keras import conversion
from inr_keras.models import INRGANGenerator
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
    generator = INRGANGenerator(
        latent_dim=32,
        style_dim=32,
        resolution=64,
        input_resolution=16,
        width=40,
        channel_base=1024,
        fine_blocks=1,
        fourier_features=6,
        embedding_channels=8,
        upsampling="bilinear" if bilinear else "nearest",
        instance_norm=bilinear,
    )
    for name, variable in inr_gan_variables(generator).items():
        variable.assign(inr_gan_weight(name, arrays[f"param/{name}"]))
    return generator


def inr_gan_variables(generator):
    """The reference's state-dict names and this project's variables."""

    def linear(name, layer):
        return {f"{name}.weight": layer.kernel, f"{name}.bias": layer.bias}

    variables = {"mapping.w_avg": generator.mapping.mean_style}
    for i, layer in enumerate(generator.mapping.dense):
        variables |= linear(f"mapping.fc{i}", layer)
    for side, layer in zip(generator.lattice_sides, generator.features):
        name = f"synthesis.b{side}.coord_fuser"
        if side == generator.input_resolution:
            name = "synthesis.b4.input.input.coord_fuser"
        variables[f"{name}.const_embs"] = layer.embedding.table
        for basis in layer.bases[1:]:
            variables[f"{name}.random_basis"] = basis.kernel
    for side, dense, to_rgb in zip(
        generator.block_names, generator.dense, generator.to_rgb
    ):
        names = ["conv1"] if side == 4 else ["conv0", "conv1", "extra_convs.0"]
        for name, layer in zip(names, dense):
            name = f"synthesis.b{side}.{name}"
            variables |= linear(name, layer)
            variables |= linear(f"{name}.affine", layer.to_factors)
        name = f"synthesis.b{side}.torgb"
        variables |= linear(name, to_rgb)
        variables |= linear(f"{name}.affine", to_rgb.to_scale)
    return variables


def inr_gan_weight(name, array):
    """A reference array in the layout of this project's variable."""
    if name.endswith("const_embs"):  # (1, C, H, W) to rows.
        return array[0].transpose(1, 2, 0).reshape(-1, array.shape[1])
    if name.endswith(("weight", "basis")):
        return array.reshape(array.shape[:2]).T
    return array
