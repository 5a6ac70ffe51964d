import json

from inr_keras.config import Evaluation
from inr_keras.runs import config_file
from tests import testing
from tests.training import small


class DirectoryTest(testing.TestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.temporary_folder()

    def test_config_round_trip(self):
        config = small.small_config()
        config_file.write_config(config, self.folder)
        self.assertEqual(config_file.load_config(self.folder), config)

    def test_damaged_files(self):
        path = self.folder / "config.json"
        for contents, reason in (
            (b"", "Expecting value"),
            (b"\xff{}", "can't decode"),
            (b"[1]", "config must be a mapping. Received: .1."),
            (b"3", "config must be a mapping. Received: 3"),
            (b'{"generator": {"architecture": []}}', "architecture must be one of"),
            (b'{"sed": 1}', "config.sed is not a field of Experiment"),
        ):
            path.write_bytes(contents)
            message = rf"`workdir` must have a config.json .*{reason}.*/config.json'$"
            with self.assertRaisesRegex(ValueError, message):
                config_file.load_config(self.folder)

    def test_judged_pictures_of_earlier_versions(self):
        config = small.small_config()
        config_file.write_config(config, self.folder)
        path = self.folder / "config.json"
        values = json.loads(path.read_text())
        del values["evaluation"], values["watchdog"]
        values["judged_pictures"] = 64
        path.write_text(json.dumps(values))
        config.evaluation = Evaluation(images=64)
        self.assertEqual(config_file.load_config(self.folder), config)

    def test_names_of_earlier_versions(self):
        config = small.small_config()
        config.data.video_length = 4
        config_file.write_config(config, self.folder)
        path = self.folder / "config.json"
        values = json.loads(path.read_text())
        values["data"]["frames"] = values["data"].pop("video_length")
        path.write_text(json.dumps(values))
        self.assertEqual(config_file.load_config(self.folder), config)
