"""Parts that all written Markdown pages share."""


def head(title, command, what="number"):
    """Lines with the title of a page and the command that wrote it.

    Args:
        title: str.
        command: str. Command line.
        what: str. What on the page is not typed by hand. Defaults to `"number"`.
    """
    return [
        f"# {title}",
        "",
        f"This command wrote the page; no {what} was typed by hand.",
        "",
        "```",
        command,
        "```",
        "",
    ]
