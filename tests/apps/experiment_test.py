from tests.apps import running


class ExperimentTest(running.TestCase):
    def test_wrong_flags(self):
        folder = self.temporary_folder()
        features = folder / "features.keras"
        features.write_text("")
        given = (
            f"--features={features}",
            f"--workdir={folder / 'runs'}",
            f"--out={folder / 'page.md'}",
        )
        for flag, texts in {
            "--suite=other": ["--suite=other"],
            "--seeds=a": ["--seeds must be", "'a'"],
            "--minutes=0": ["--minutes must be positive", "0.0"],
            "--samples=3": ["--samples=3"],
            "--only=none": ["--only must be one of image", "'none'"],
            "--fit_steps=9": ["--fit_steps must be given with --suite=quality"],
            "--kimg=9 --minutes=2": ["--minutes must not be given with --kimg", "2.0"],
            "--kimg=0": ["--kimg must be a positive number", "'0'"],
            "--done": ["--workdir must hold a finished run", folder / "runs"],
            f"--features={folder}": ["--features must be a file", folder],
            f"--out={folder}": ["--out must be a file", folder],
        }.items():
            with self.subTest(flag):
                process = running.run_app("experiment", *given, *flag.split())
                self.assertRefused(process, *texts)
        self.assertEqual(running.files(folder), {"features.keras": b""})
