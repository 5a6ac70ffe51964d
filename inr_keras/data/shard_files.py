"""Files of a prepared dataset, written shard by shard."""

import dataclasses
import json
import math

from inr_keras import extras
from inr_keras import files
from inr_keras.data import prepared_folder
from inr_keras.naming import first_line

FINDINGS = "findings"  # Folder that exists until the dataset is complete.
_NAME = "pictures"  # Name of the dataset and its files since the first version.
_SPLIT = "train"


class ShardFiles:
    """Files with the images and the findings of an unfinished dataset.

    Args:
        folder: path of the folder to write to.
        images: image_inputs.ImageInput.
        job: preparation.Job.
    """

    def __init__(self, folder, images, job):
        tfds = extras.load("tensorflow_datasets", "prepare")
        from tensorflow_datasets.core import example_serializer
        from tensorflow_datasets.core import file_adapters

        self._folder = folder
        self._images = images
        self._job = job
        self._number = math.ceil(len(images) / job.shard_size)
        self._template = tfds.core.ShardedFileTemplate(
            data_dir=folder,
            dataset_name=_NAME,
            split=_SPLIT,
            filetype_suffix=job.file_format,
        )
        self._features = tfds.features.FeaturesDict(_features(images, job))
        self._serializer = example_serializer.ExampleSerializer(
            self._features.get_serialized_info()
        )
        self._writer = file_adapters.ADAPTER_FOR_FORMAT[
            file_adapters.FileFormat.from_value(job.file_format)
        ]
        self._lengths = []
        self._bytes = 0
        self._findings = []
        self._examples = []

    def finished(self):
        """Yields the findings of the shards that have been written before."""
        while len(self._lengths) < self._number:
            path = self._findings_path(len(self._lengths))
            if not path.exists():
                return
            saved = json.loads(path.read_text(encoding="utf-8"))
            self._lengths.append(saved["length"])
            self._bytes += saved["bytes"]
            yield from saved["findings"]

    def add(self, number, finding, forms, keep):
        """Adds the next image; writes the shard that it completes.

        Args:
            number: int. Number of the image.
            finding: dict of `examination.examine`.
            forms: list of bytes, the image in the form's sides.
            keep: bool. Whether to store the image, and not only its finding.
        """
        self._findings.append(finding)
        if keep:
            self._examples.append(self._example(number, finding, forms))
        last = number + 1 == len(self._images)
        if len(self._findings) == self._job.shard_size or last:
            self._write()

    def _example(self, number, finding, forms):
        job = self._job
        sides = job.form.sides
        example = {
            prepared_folder.level_name(side, job.form.resolution): contents
            for side, contents in zip(sides, forms)
        }
        example["name"] = finding["name"]
        if self._images.classes:
            example["label"] = self._images.labels[number]
        example = self._serializer.get_tf_example(
            self._features.encode_example(example)
        )
        # Otherwise the order of the features would change from run to run.
        return example.SerializeToString(deterministic=True)

    def _write(self):
        index = len(self._lengths)
        path = self._template.sharded_filepath(
            shard_index=index, num_shards=self._number
        )
        examples = self._examples
        files.write_beside(path, lambda p: self._write_examples(p, examples))
        saved = {
            "length": len(examples),
            "bytes": sum(map(len, examples)),
            "findings": self._findings,
        }
        text = json.dumps(saved)
        # Written last: it marks the shard as complete.
        files.write_beside(
            self._findings_path(index), lambda p: p.write_text(text, encoding="utf-8")
        )
        self._lengths.append(saved["length"])
        self._bytes += saved["bytes"]
        self._findings, self._examples = [], []

    def _write_examples(self, path, examples):
        """Writes a shard; what either format raises on a full disk is an `OSError`."""
        import tensorflow as tf

        try:
            self._writer.write_examples(path, enumerate(examples))
        except (tf.errors.OpError, RuntimeError) as error:
            raise OSError(
                f"`out` cannot be written: {first_line(error)}. "
                f"Received: {str(self._folder)!r}"
            ) from error

    def _findings_path(self, index):
        return self._folder / FINDINGS / f"{index:05d}.json"

    def write_metadata(self):
        """Writes the files by which TFDS opens the dataset."""
        import tensorflow_datasets as tfds

        from inr_keras.data import tfds_builders

        job, about = self._job, self._images.about
        homepage = job.homepage or about.get("homepage", "")
        labelled = bool(self._images.classes)
        with tfds_builders.quiet():
            tfds.folder_dataset.write_metadata(
                data_dir=self._folder,
                features=self._features,
                split_infos=[
                    tfds.core.SplitInfo(
                        name=_SPLIT,
                        shard_lengths=self._lengths,
                        num_bytes=self._bytes,
                        filename_template=self._template,
                    )
                ],
                filename_template=self._template,
                version="1.0.0",
                check_data=False,
                description=job.description or "Images, prepared.",
                license=job.license or about.get("license") or None,
                homepage=homepage or None,
                citation=about.get("citation") or None,
                supervised_keys=("image", "label") if labelled else None,
                disable_shuffling=True,
                metadata=tfds.core.MetadataDict(
                    attribution=job.attribution,
                    homepage=homepage,  # TFDS replaces an empty one.
                    form=dataclasses.asdict(job.form),
                ),
            )
            if labelled:
                self._check_labels(tfds.builder_from_directory(self._folder))

    def _check_labels(self, builder):
        """Compares the names of the classes with those that were written."""
        names = tuple(builder.info.features["label"].names)
        if names != self._images.classes:
            raise RuntimeError(
                "Names of classes must be read back as they were written, "
                f"{self._images.classes}. Received: {names}"
            )


def _features(images, job):
    import tensorflow_datasets as tfds

    form = job.form
    channels = {"rgb": 3, "grayscale": 1, "rgba": 4}[form.color]

    def image(side):
        side = None if form.framing == "keep" else side
        # No format: a file that was in the form already keeps its own.
        return tfds.features.Image(shape=(side, side, channels))

    features = {
        prepared_folder.level_name(side, form.resolution): image(side)
        for side in form.sides
    }
    features["name"] = tfds.features.Text()
    if images.classes:
        features["label"] = tfds.features.ClassLabel(names=images.classes)
    return features
