"""Runs the commands of docs/gallery.md, each of which makes an image there.

python -m docs.gallery [WORD]: only the commands that contain WORD.
"""

import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("gallery.md")


def commands(text):
    """The shell commands of a page's code blocks, a continued one whole."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r" +", " ", line) for line in lines]


def main():
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    # The commands' `python` is this one, of an activated environment or not.
    folders = [os.path.dirname(sys.executable), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(folders)}
    for command in commands(PAGE.read_text(encoding="utf-8")):
        if word in command:
            print(command, flush=True)
            subprocess.run(command, shell=True, check=True, env=environment)


if __name__ == "__main__":
    main()
