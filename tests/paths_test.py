import os
import pathlib
from unittest import mock

from absl import logging

from inr_keras import config as config_lib
from inr_keras import paths
from tests import testing


def environment(**variables):
    """The environment with some variables changed, without those that are `None`."""
    kept = {**os.environ, **variables}
    kept = {name: value for name, value in kept.items() if value is not None}
    return mock.patch.dict(os.environ, kept, clear=True)


class ExpandedTest(testing.TestCase):
    def test_homes(self):
        with environment(HOME="/home/me"):
            self.assertEqual(paths.expanded("~/x"), "/home/me/x")
            self.assertEqual(paths.expanded("~"), "/home/me")
            for text in ("", "a/~", "./~x", "tfds:mnist"):
                self.assertEqual(paths.expanded(text), text)

    def test_nobody(self):
        rule = r"must begin with ~ only.*Received: '~nobody_of_this_name/x'"
        with self.assertRaisesRegex(ValueError, rule):
            paths.expanded("~nobody_of_this_name/x")

    def test_settings(self):
        config = config_lib.Experiment()
        self.assertIs(paths.in_settings(config), config)
        config.data.source = "~/images"
        with environment(HOME="/home/me"):
            found = paths.in_settings(config)
        self.assertEqual(found.data.source, "/home/me/images")
        self.assertEqual(config.data.source, "~/images")
        config.data.source = "gs://bucket/images"
        self.assertIs(paths.in_settings(config), config)
        config.data.cache_dir = "gs://bucket/cache"
        with self.assertRaisesRegex(ValueError, "config.data.cache_dir must be on"):
            paths.in_settings(config)


class CacheTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        paths._temporary_folder.cache_clear()
        self.addCleanup(paths._temporary_folder.cache_clear)

    def test_the_setting_goes_first(self):
        with environment(INR_KERAS_CACHE="variable", HOME="/home/me"):
            self.assertEqual(paths.cache_folder("given"), pathlib.Path("given"))
            self.assertEqual(paths.cache_folder(), pathlib.Path("variable"))
        with environment(INR_KERAS_CACHE=None, HOME="/home/me"):
            expected = pathlib.Path("/home/me/.cache/inr_keras")
            self.assertEqual(paths.cache_folder(), expected)

    def test_no_home(self):
        with (
            environment(INR_KERAS_CACHE=None),
            mock.patch.object(os.path, "expanduser", lambda text: text),
            self.assertLogs(logging.get_absl_logger(), "WARNING") as logs,
        ):
            folder = paths.cache_folder()
            self.assertEqual(paths.without_cache("again"), folder)
        self.assertTrue(folder.is_dir())
        [line] = logs.output
        self.assertRegex(line, "no home folder.*INR_KERAS_CACHE")
