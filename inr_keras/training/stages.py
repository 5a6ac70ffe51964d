"""The schedule of stages and the callback that follows it."""

import warnings

import keras


def locate(stages, images_seen):
    """Finds the stage that is trained after a number of images.

    Args:
        stages: Sequence of Stage.
        images_seen: int. Real images seen since the beginning of the run.

    Returns:
        int: index of the stage, the last one once the schedule is over.

    Example:
        >>> stages = [Stage(stride=4, kimg=1), Stage(stride=2, kimg=2)]
        >>> [locate(stages, seen) for seen in (0, 999, 1000, 9000)]
        [0, 0, 1, 1]
    """
    end = 0.0
    for index, stage in enumerate(stages):
        end += stage.kimg * 1000.0
        # Three times 0.1 is more than 0.3, and would be one step more.
        if images_seen < round(end, 3):
            return index
    return len(stages) - 1


class StageCallback(keras.callbacks.Callback):
    """Moves an `INRGAN` through a schedule of stages during `fit`.

    At each change of stage, the averaged generator is copied to the frozen generator;
    the generator, its average, the discriminator and both optimizers stay as they are.
    `fit` ends when the last stage is over. If `fit` ends earlier, the callback warns;
    if it begins later, the callback refuses it.

    Args:
        stages: Sequence of Stage; lengths are in thousands of images.
        on_stage_end: Function of the index of a stage that has just ended, called
            before the change and at the end of the last. Defaults to `None`.

    Raises:
        ValueError: `stages` is empty, or the model has already finished the schedule.

    Example:
        >>> stages = [Stage(stride=2, kimg=0.008), Stage(stride=1, kimg=0.008)]
        >>> gan.compile(lazy_adam(), lazy_adam(r1_interval=16))
        >>> history = gan.fit(dataset, callbacks=[StageCallback(stages)], verbose=0)
        >>> gan.count("images_seen"), gan.count("stage_number")
        (16, 2)

    References:
        - [Lee et al., 2022](https://arxiv.org/abs/2207.01395), section 3.2.
    """

    def __init__(self, stages, on_stage_end=None):
        super().__init__()
        if not stages:
            raise ValueError(f"`stages` must not be empty. Received: {stages}")
        self.stages = tuple(stages)
        self.on_stage_end = on_stage_end
        self.total_images = round(sum(s.kimg for s in stages) * 1000.0, 3)
        self.index = None

    def on_train_begin(self, logs=None):
        seen = self.model.count("images_seen")
        number = self.model.count("stage_number")
        if seen >= self.total_images or number > len(self.stages):
            raise ValueError(
                "`stages` must be a schedule that the model has not finished. "
                f"Received: {len(self.stages)} stages of {self.total_images:,.0f} "
                f"images, for a model in stage {number} after {seen:,}"
            )
        # A resumed model already holds the frozen generator of its stage, and
        # one that was stopped right before a change has not changed yet.
        self.index = number - 1
        if self.index >= 0:
            self._enter(self.index, freeze=False)
        self._follow()

    def on_train_batch_end(self, batch, logs=None):
        self._follow()

    def on_train_end(self, logs=None):
        seen = self.model.count("images_seen")
        if seen < self.total_images and not self.model.stop_training:
            warnings.warn(
                f"fit ended after {seen:,} of the {self.total_images:,.0f} images of "
                f"the schedule, in stage {self.index + 1} of {len(self.stages)}. "
                "Another call of fit goes on.",
                stacklevel=2,
            )

    def _follow(self):
        seen = self.model.count("images_seen")
        if seen >= self.total_images:
            if not self.model.stop_training:
                self.model.stop_training = True
                self._end()
            return
        index = locate(self.stages, seen)
        if index != self.index:
            if self.index >= 0:
                self._end()
            # Entered before, by a checkpoint or an earlier `fit`, it has its frozen
            # generator.
            is_new = self.model.count("stage_number") != index + 1
            self._enter(index, freeze=index > 0 and is_new)

    def _end(self):
        if self.on_stage_end is not None:
            self.on_stage_end(self.index)

    def _enter(self, index, freeze):
        self.model.set_stage(self.stages[index], self.stages[:index], freeze)
        self.model.stage_number.assign(index + 1)
        self.index = index
