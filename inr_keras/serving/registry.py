"""Registry of the models and versions in a folder, kept up to date while they serve."""

import contextlib
import dataclasses
import pathlib
import threading

from inr_keras.serving import servable as servables
from inr_keras.serving import status_codes
from inr_keras.serving.monitoring import log

_HISTORY = 8  # Ended versions of a model that its status still lists.
_MAX_VERSION = 2**63 - 1


@dataclasses.dataclass
class _Entry:
    state: str  # START, LOADING, AVAILABLE, UNLOADING or END.
    stamp: object = None  # State of the files; if it changes, loading is tried again.
    servable: object = None
    code: str = "OK"
    message: str = ""


class Registry:
    """Loads the versions in a folder, switches to new ones and drops removed ones.

    A version is `FOLDER/NAME/VERSION/saved_model.pb`, with a whole number as
    VERSION, as in TF Serving; other names are ignored. A new version is loaded and
    warmed up before it takes over; the old one stays until its requests are done.

    Args:
        folder: str or path.
        keep_versions: int. Number of the highest versions of a model that are
            served. Defaults to 1.
        trust_models: bool. See `Servable`. Defaults to `False`.
        on_change: Function of a model's name and the number of its versions,
            called after each change.
    """

    def __init__(self, folder, keep_versions=1, trust_models=False, on_change=None):
        self._folder = pathlib.Path(folder)
        self._keep = keep_versions
        self._trust = trust_models
        self._on_change = on_change or (lambda name, count: None)
        self._models = {}
        # Versions by model that the present look has not come to; None: it has not
        # listed them yet.
        self._coming = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = None

    def update(self):
        """Looks at the folder once, and loads and drops versions accordingly."""
        folders = {
            path.name: path
            for path in self._folder.iterdir()
            if not path.name.startswith(".") and path.is_dir()
        }
        coming = {}
        for name, path in folders.items():
            with contextlib.suppress(OSError):  # Logged below.
                coming[name] = _versions(path)
        with self._lock:
            self._coming = coming
            names = sorted({*folders, *self._models})
        for name in names:
            try:
                versions = _versions(folders.get(name))
                with self._lock:
                    coming[name] = versions
                if versions or name in self._models:
                    self._update_model(name, versions)
            except OSError as error:  # The model stays as it is.
                log("look failed", 40, model=name, error=str(error))
            with self._lock:
                coming.pop(name, None)
            if self._stop.is_set():
                return

    def poll(self, seconds, on_first=None):
        """Calls `update` now and every `seconds`, on a thread, until `close`.

        Args:
            seconds: float.
            on_first: Function, called on the thread after the first look.
        """

        def look():
            try:
                self.update()
            except Exception as error:  # The next look may be better.
                log("look at the folder failed", 40, exc_info=error)

        def work():
            look()
            if on_first:
                on_first()
            while not self._stop.wait(seconds):
                look()

        self._thread = threading.Thread(target=work, name="poll", daemon=True)
        self._thread.start()

    def close(self, seconds=60.0, unload=True):
        """Stops polling and unloads everything.

        Args:
            seconds: float. How long it waits for a model that is being loaded.
            unload: bool. Whether models are unloaded, which waits for their calls of
                TensorFlow.

        Returns:
            bool. Whether nothing is being loaded any more.
        """
        self._stop.set()
        if self._thread:
            self._thread.join(seconds)
            if self._thread.is_alive():
                return False
        for name in list(self._models) if unload else ():
            self._update_model(name, {})
        return True

    def names(self):
        """Names of the models that have a version to serve."""
        with self._lock:
            return sorted(n for n in self._models if self._available(n))

    @property
    def state(self):
        """State of the server: `ok` with a model, otherwise `loading` or `no model`."""
        with self._lock:
            if any(self._available(name) for name in self._models):
                return "ok"
            listed = self._coming is not None
            coming = listed and any(self._coming.values())
        return "no model" if listed and not coming else "loading"

    @contextlib.contextmanager
    def use(self, name, version=None):
        """Context that yields a version and keeps it loaded.

        Args:
            name: str. Name of the model.
            version: int or `None`. Defaults to `None`: the highest.

        Raises:
            ServingError: The version is not served.
        """
        kind = "Latest" if version is None else "Specific"
        detail = name if version is None else f"{name}, {version}"
        with self._lock:
            available = self._available(name)
            number = max(available, default=None) if version is None else version
            servable = available.get(number)
            if servable is None or not servable.acquire():
                shown = f"{kind}({status_codes.quoted(detail)})"
                self._check_loaded(name, version, shown)
                raise status_codes.ServingError(
                    "NOT_FOUND", f"Servable not found for request: {shown}"
                )
        try:
            yield servable
        finally:
            servable.release()

    def status(self, name, version=None):
        """States of a model's versions, the highest first.

        Returns:
            list of (version, state, code, message).

        Raises:
            ServingError: There is no such model or version.
        """
        shown = status_codes.quoted(name)
        with self._lock:
            entries = dict(self._models.get(name, {}))
            if version is not None:
                entries = {k: e for k, e in entries.items() if k == version}
            if not entries:
                self._check_loaded(name, version, shown)
        if not entries:
            what = "any versions" if version is None else f"version {version}"
            raise status_codes.ServingError(
                "NOT_FOUND", f"Could not find {what} of model {shown}"
            )
        return [
            (number, _state(entry), entry.code, entry.message)
            for number, entry in sorted(entries.items(), reverse=True)
        ]

    def _check_loaded(self, name, version, shown):
        """Refuses requests for a model that is still to be loaded."""
        listed = self._coming is not None
        versions = self._coming.get(name) if listed else None
        if not listed or versions and version in (None, *versions):
            raise status_codes.ServingError(
                "UNAVAILABLE", f"Servable is being loaded: {shown}"
            )

    def _available(self, name):
        return {
            number: entry.servable
            for number, entry in self._models.get(name, {}).items()
            if entry.state == "AVAILABLE"
        }

    def _update_model(self, name, versions):
        with self._lock:
            entries = self._models.setdefault(name, {})
        kept = []  # The highest versions that can be loaded.
        for number in sorted(versions, reverse=True):
            if len(kept) == self._keep:
                break
            if self._load(name, number, versions[number], entries):
                kept.append(number)
        with self._lock:
            for number in self._available(name):
                if number not in kept:
                    self._retire(name, number, entries[number])
            ended = [k for k, e in entries.items() if _state(e) == "END"]
            if not versions and len(ended) == len(entries):
                del self._models[name]
            removed = sorted(k for k in ended if k not in versions)
            for number in removed[:-_HISTORY]:
                del entries[number]
            self._on_change(name, len(self._available(name)))

    def _load(self, name, number, path, entries):
        """Loads a version unless it is loaded; returns whether it is."""
        entry = entries.get(number)
        if entry and entry.state == "AVAILABLE":
            return True
        stamp = _stamp(path)
        if entry and entry.code != "OK" and entry.stamp == stamp:
            return False  # It failed, and its files are the same.
        entry = _Entry("LOADING", stamp)
        with self._lock:
            entries[number] = entry
        log("loading", model=name, version=number)
        try:
            servable = servables.Servable(name, number, path, self._trust)
        except Exception as error:
            text = " ".join(str(error).split())[:300] or type(error).__name__
            with self._lock:
                entry.state, entry.code = "END", "INTERNAL"
                entry.message = text
            log("load failed", level=40, model=name, version=number, error=text)
            return False
        with self._lock:
            entry.servable, entry.state = servable, "AVAILABLE"
        log("loaded", model=name, version=number)
        return True

    def _retire(self, name, number, entry):
        entry.state = "UNLOADING"
        entry.servable.retire()
        log("unloading", model=name, version=number)


def _state(entry):
    if entry.state == "UNLOADING" and entry.servable.unloaded:
        return "END"
    return entry.state


def _versions(folder):
    """Paths of the versions in a model's folder; `folder` is `None` if removed."""
    try:
        return {
            int(path.name): path
            for path in (folder.iterdir() if folder else ())
            if _is_version(path.name) and (path / "saved_model.pb").is_file()
        }
    except FileNotFoundError:
        return {}


def _is_version(name):
    digits = name.isascii() and name.isdecimal() and len(name) < 20
    return digits and int(name) <= _MAX_VERSION


def _stamp(path):
    """State of a version's files, which changes when they do."""
    files = [p for p in path.rglob("*") if p.is_file()]
    return sorted((str(p), p.stat().st_size, p.stat().st_mtime) for p in files)
