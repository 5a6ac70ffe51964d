"""TFDS data sets whose files are read in any order."""

import io

from inr_keras.data import prepared
from inr_keras.data import sources
from inr_keras.data import tfds_builders
from inr_keras.data.source import NumberedSource


class RecordSource(NumberedSource):
    """A split of a TFDS data set whose files allow for any order.

    Args: as of `TFDSSource`; there is no buffer.
    """

    def __init__(
        self,
        builder,
        split,
        resolution,
        attribution,
        classes=(),
        feature=None,
        **kwargs,
    ):
        count = tfds_builders.count_examples(builder, split)
        name = f"{builder.info.full_name}:{split}"
        super().__init__(
            name, count, resolution, attribution, classes, **kwargs
        )
        self._feature = feature or tfds_builders.image_feature(builder)
        self._class = tfds_builders.label_feature(builder)
        self._examples = tfds_builders.encoded_examples(
            builder, split, self._feature
        )

    def _open(self, number):
        contents = self._examples[number][self._feature]
        return f"{self.name}[{number}]", io.BytesIO(contents)

    def _label(self, number):
        return self._examples[number][self._class]


def open_prepared(data, resolution, form):
    """The source that a prepared folder is, in its files' own way."""
    builder = prepared.open_prepared(data.source)
    form = {
        **form,
        "attribution": prepared.attribution(builder),
        "feature": prepared.best_feature(builder, resolution),
    }
    place = builder, data.split, resolution
    if prepared.in_any_order(builder):
        source = RecordSource(*place, **form)
    else:
        source = sources.TFDSSource(*place, data.shuffle_buffer, **form)
    source.filter = prepared.resize_filter(builder, resolution, source.filter)
    return source
