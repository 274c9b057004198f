"""Files: what a program touched below the workspace, and what the host asks for between programs.

Only what was really read, listed or written counts, so operations are noted after they worked. Imports do not count:
they go past these functions.
"""

import builtins
import functools
import io
import os
import sys
from importlib.machinery import FileFinder as _FolderFinder

from . import channel

_realpath = os.path.realpath


def forget_folders():
    """Makes imports look into folders again, for modules that were just written.

    `importlib.invalidate_caches` would also load the metadata of packages and read archives again, which takes some 20 ms,
    and in WebAssembly half a second.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            # There was no such folder.
            del sys.path_importer_cache[path]
        elif isinstance(finder, _FolderFinder):
            finder.invalidate_caches()


class FileActivity:
    def __init__(self, workspace):
        self._workspace = workspace
        self._read = {}
        self._wrote = {}

    def start(self):
        self._read.clear()
        self._wrote.clear()

    def report(self):
        return list(self._read), list(self._wrote)

    def install(self):
        real_open = builtins.open

        @functools.wraps(real_open)
        def tracked_open(file, mode="r", *args, **kwargs):
            opened = real_open(file, mode, *args, **kwargs)
            if "r" in mode or "+" in mode:
                self._note(self._read, file)
            if mode.strip("rbtU"):
                self._note(self._wrote, file)
                # A module that was just written can be imported in the same program.
                forget_folders()
            return opened

        builtins.open = io.open = tracked_open
        for name in ("listdir", "scandir", "stat"):
            self._track(name, lambda path=".", *args, **kwargs: path, self._read)
        for name in ("mkdir", "truncate"):
            self._track(name, lambda path, *args, **kwargs: path, self._wrote)
        for name in ("rename", "replace"):
            self._track(name, lambda src, dst, *args, **kwargs: dst, self._wrote)

    def _track(self, name, target, noted):
        real = getattr(os, name)

        @functools.wraps(real)
        def tracked(*args, **kwargs):
            result = real(*args, **kwargs)
            self._note(noted, target(*args, **kwargs))
            # Python leaves the order open, and it would differ from one backend to the next.
            return sorted(result) if name == "listdir" else result

        setattr(os, name, tracked)
        # `os` says by membership in these sets what its functions can do.
        for kind in (os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks):
            if real in kind:
                kind.add(tracked)

    def _note(self, noted, path):
        if path is None:
            path = "."
        if isinstance(path, int):
            return
        full = os.path.abspath(os.fsdecode(path))
        if full == self._workspace:
            noted["."] = True
        elif full.startswith(self._workspace + "/"):
            noted[full[len(self._workspace) + 1 :]] = True


class HostFiles:
    """File operations of the host: paths are relative, without `..`; links out of the workspace are not followed."""

    def __init__(self, workspace):
        self._workspace = _realpath(workspace)

    def answer(self, request, send):
        fault = None
        try:
            for part in self._attend(request):
                send(part)
        except IsADirectoryError:
            fault = "EISDIR"
        except FileNotFoundError:
            fault = "ENOENT"
        except OSError:
            fault = "EACCES"
        send(channel.answer(fault))

    def write_first(self, message):
        """A file or folder that the session begins with."""
        if message["type"] == "folder":
            os.makedirs(self._located(message["path"]), exist_ok=True)
        else:
            self._write(message["path"], message["content"])

    def _attend(self, request):
        if request["type"] == "read":
            with io.FileIO(self._located(request["path"])) as file:
                return channel.file_parts(file.readall())
        if request["type"] == "list":
            return channel.list_parts(sorted(self._files()))
        self._write(request["path"], request["content"])
        return ()

    def _located(self, path):
        full = os.path.join(self._workspace, path)
        real = _realpath(full)
        if real != self._workspace and not real.startswith(self._workspace + "/"):
            raise PermissionError(path)
        return full

    def _write(self, path, data):
        full = self._located(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with io.FileIO(full, "w") as file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]

    def _files(self):
        for folder, _, names in os.walk(self._workspace):
            for name in names:
                full = os.path.join(folder, name)
                if not os.path.islink(full):
                    yield os.path.relpath(full, self._workspace)
