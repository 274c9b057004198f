"""Starts the runner where Python runs in WebAssembly, on devices that the process around it provides."""

import asyncio
import builtins
import os
import random
import struct
import sys

from .runner import main
from .channel import Channel

#: Modules that hold objects of JavaScript.
JAVASCRIPT_MODULES = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")


def start(harden):
    write, read = os.write, os.read

    def wait(seconds):
        write(2, struct.pack("<d", -1 if seconds is None else max(0, seconds) * 1000))
        return True

    # The loop of the process around, which does not turn while the runner waits.
    asyncio._set_running_loop(None)
    # Its state is that of the memory which this interpreter goes on from, and others too.
    random.seed()
    if harden:
        _remove_javascript()
    main(Channel(0, 1, read, wait))


def _remove_javascript():
    for name in list(sys.modules):
        if name.partition(".")[0] in JAVASCRIPT_MODULES:
            del sys.modules[name]
    for name in JAVASCRIPT_MODULES:
        # An import finds this and fails.
        sys.modules[name] = None
    sys.meta_path[:] = [finder for finder in sys.meta_path if "yodide" not in type(finder).__module__]
    for hook in list(sys.path_hooks):
        if "yodide" in getattr(hook, "__module__", ""):
            sys.path_hooks.remove(hook)
    for path, finder in list(sys.path_importer_cache.items()):
        if "yodide" in type(finder).__module__:
            del sys.path_importer_cache[path]
    sys.modules["__main__"].__dict__.clear()
    sys.modules["__main__"].__dict__["__builtins__"] = builtins
