import numpy as np
import pytest

from inr_keras import rendering
from inr_keras.data import motion


def _image(channels=3):
    """A black square at the right of a white image."""
    image = np.full((16, 16, channels), 255, "uint8")
    image[6:10, 11:15, :3] = 0
    return image


def _centre(image):
    """Mean place of what is dark: row and column."""
    darkness = 255.0 - image[..., 0]
    rows, columns = np.indices(darkness.shape)
    total = darkness.sum()
    return (rows * darkness).sum() / total, (columns * darkness).sum() / total


@pytest.mark.parametrize("channels", [1, 3])
def test_a_turn_is_clockwise(channels):
    video = motion.video(_image(channels), "spin", 4)
    assert video.shape == (16, 16, 4 * channels)
    assert video.dtype == np.uint8
    images = rendering.split_videos(video, 4)
    np.testing.assert_array_equal(images[0], _image(channels))
    # Right, below, left, above.
    expected = ((7.5, 12.5), (12.5, 7.5), (7.5, 2.5), (2.5, 7.5))
    for image, place in zip(images, expected):
        np.testing.assert_allclose(_centre(image), place, atol=0.1)


def test_a_pulse_shrinks_and_comes_back():
    images = rendering.split_videos(motion.video(_image(), "pulse", 4), 4)
    areas = [(255.0 - image).sum() for image in images]
    assert areas[0] > areas[1] > areas[2]
    np.testing.assert_allclose(areas[3], areas[1], rtol=0.02)
    row, column = _centre(images[2])
    np.testing.assert_allclose(row, 7.5, atol=0.1)
    assert 7.5 < column < 11.5  # Nearer to the middle.


def test_nothing_is_what_comes_in_from_outside():
    image = np.full((16, 16, 4), 90, "uint8")
    images = rendering.split_videos(motion.video(image, "pulse", 2), 2)
    assert (images[1][0, 0] == 0).all()
    assert (images[1][8, 8] == 90).all()


def test_unknown_motion():
    with pytest.raises(ValueError, match="`motion` must be .* motion='jump'"):
        motion.video(_image(), "jump", 2)
