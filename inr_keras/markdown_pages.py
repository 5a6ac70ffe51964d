"""Parts that all written Markdown pages share."""


def head(title, command, what="number"):
    """Lines of the title of a page and of the command that it was written by.

    Args:
        title: str.
        command: str. What was typed.
        what: str. What on the page is not typed by hand. Defaults to `"number"`.
    """
    return [
        f"# {title}",
        "",
        f"Written by this command; no {what} is typed.",
        "",
        "```",
        command,
        "```",
        "",
    ]
