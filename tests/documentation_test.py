"""README, the site's pages and config docstrings say what is there."""

import dataclasses
import re

import yaml

from inr_keras import config as config_lib
from tests import imports_test
from tests import testing

ROOT = imports_test.ROOT
DOCS = ROOT / "docs"
README_LINES = 150
# Pages that docs/site_hooks.py makes, by their folder.
GENERATED = re.compile(
    r"(reference/\w+|configurations|changelog)\.md|try(_classes)?/index\.html"
)


def pages():
    """Paths of the README and of all pages."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def texts():
    """Yields the name and the text of all pages and config files."""
    for path in (*pages(), *imports_test.sources("configs")):
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def links(text):
    """Targets of a page's links and images that are files, outside of code blocks."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return [target for target in targets if not re.match(r"https?:|#", target)]


def commands(text):
    """Yields program and arguments of each call of an app in a text."""
    text = re.sub(r"\\\n\s*", "", text)
    for app, rest in re.findall(r"python -m apps\.(\w+)([^`\n|#]*)", text):
        yield app, re.findall(r"--([\w.\[\]]+)", rest)


def flags(app):
    """Names of an app's flags."""
    path = ROOT / "apps" / f"{app}.py"
    text = path.read_text(encoding="utf-8")
    names = re.findall(r'\.DEFINE_(\w+)\(\s*"(\w+)"', text)
    found = {name for _, name in names} | {"help"}
    return found | {f"no{name}" for kind, name in names if kind.startswith("bool")}


def is_setting(path, classes=(config_lib.Experiment,)):
    """Whether a dotted path names a setting, whatever the generator's class."""
    first, _, rest = re.sub(r"\[\d+\]", "", path).partition(".")
    values = [
        value
        for cls in classes
        for value in [getattr(cls(), first, None)]
        if first in {field.name for field in dataclasses.fields(cls)}
    ]
    if not rest or not values:
        return bool(values)
    if isinstance(values[0], config_lib.Generator):
        return is_setting(rest, tuple(config_lib.ARCHITECTURES.values()))
    value = values[0][0] if isinstance(values[0], tuple) else values[0]
    return is_setting(rest, (type(value),))


class PagesTest(testing.TestCase):
    def test_readme_is_short(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertLessEqual(len(text.splitlines()), README_LINES)

    def test_links_lead_to_files(self):
        for path in pages():
            for target in links(path.read_text(encoding="utf-8")):
                target = target.partition("#")[0]
                if path.parent == DOCS and GENERATED.fullmatch(target):
                    continue
                place = f"{path.relative_to(ROOT)}: {target}"
                self.assertTrue((path.parent / target).exists(), place)

    def test_every_page_is_in_the_navigation(self):
        text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
        listed = set(re.findall(r"[\w/]+\.md", str(yaml.safe_load(text)["nav"])))
        written = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
        self.assertEqual(written - listed, set())
        self.assertEqual({p for p in listed - written if not GENERATED.match(p)}, set())


class CommandsTest(testing.TestCase):
    def test_programs_have_the_flags(self):
        count = 0
        for place, text in texts():
            for app, names in commands(text):
                for name in names:
                    count += 1
                    where = f"{place}: apps.{app} --{name}"
                    head, _, setting = name.partition(".")
                    self.assertIn(head, flags(app), where)
                    if setting:
                        self.assertTrue(is_setting(setting), where)
        self.assertGreater(count, 300)

    def test_settings_exist(self):
        for place, text in texts():
            for name in re.findall(r"--config\.([\w.\[\]]*\w)=", text):
                name = name.replace("[i]", "[0]")
                self.assertTrue(is_setting(name), f"{place}: --config.{name}")

    def test_configs_and_packages_exist(self):
        for place, text in texts():
            for name in re.findall(r"configs/(\w+)\.py", text):
                path = ROOT / "configs" / f"{name}.py"
                self.assertTrue(path.exists() or name == "NAME", f"{place}: {path}")

    def test_what_is_found(self):
        text = "`python -m apps.train --config=a --config.b[0].c=1`\npython -m apps.x"
        found = [("train", ["config", "config.b[0].c"]), ("x", [])]
        self.assertEqual(list(commands(text)), found)
        self.assertIn("nolog_requests", flags("serve"))
        for name in ("stages[2].kimg", "generator.siren_omega", "loss", "seed"):
            self.assertTrue(is_setting(name), name)
        for name in ("stages[2].length", "generator.nothing", "nothing", "loss.seed"):
            self.assertFalse(is_setting(name), name)


class ConfigsTest(testing.TestCase):
    def test_each_states_its_command(self):
        for path in imports_test.sources("configs"):
            text = path.read_text(encoding="utf-8")
            if path.name != "__init__.py":
                self.assertRegex(text, rf"--(config|against)=configs/{path.name}")
