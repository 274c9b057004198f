"""Carries the programs of one session inside a box: in a container, a virtual machine, or in WebAssembly.

The box holds the programs, this code only gives them the guest API. It speaks the protocol of the JavaScript runner, and
unlike that one it stays for the whole session, because a Python program finds the globals of the one before. Nothing
but the standard library is used, of Python 3.11 or newer.
"""

import os
import sys

from . import channel as frames
from .clock import Clock
from .files import FileActivity, HostFiles
from .output import install_output
from .program import Programs
from .tools import ToolCalls

#: Bytes of the previous runner's stderr that are worth telling.
KEPT_ERROR_BYTES = 20_000
#: Where the kernel counts what it ended for memory: control groups version 2, then 1.
MEMORY_EVENTS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def main(channel, previous_code="", previous_errors="", token=""):
    """Never returns: the host ends it."""
    ready = frames.ready(token, _previous_end(previous_code, previous_errors), _kills())
    workspace = os.getcwd()
    # The channel's address, this code's place and what the box was started with are no business of a program's.
    sys.argv[:] = [""]
    sys.path[:] = [path for path in sys.path if "python3" in path]
    sys.dont_write_bytecode = True
    for name in list(os.environ):
        if name != "TZ":
            del os.environ[name]

    flush = install_output(channel.send)
    #: The wait that the host has not answered.
    waits = []
    clock = Clock(lambda milliseconds: pass_time(milliseconds))
    calls = ToolCalls(channel.send, flush)
    host_files = HostFiles(workspace)
    activity = FileActivity(workspace)

    def attend(seconds):
        if seconds != 0:
            flush()
        calls.leave()
        message = channel.receive(seconds)
        while message is not None:
            if message["type"] == "reply":
                calls.settle(message)
            elif message["type"] == "waited":
                waits.pop()
            message = channel.receive(0)

    def pass_time(milliseconds):
        flush()
        calls.leave()
        waits.append(milliseconds)
        channel.send(frames.wait(milliseconds))
        while waits:
            attend(None)

    programs = Programs(workspace, clock, calls, attend, channel.wake)
    calls.install()
    programs.install()
    activity.install()
    def serve(message):
        if message["type"] == "run":
            program = message["program"]
            channel.send(frames.started())
            activity.start()
            thrown = programs.run(program["file"], program["source"], message["virtualTime"])
            clock.tell()
            flush()
            calls.leave()
            calls.end()
            channel.send(frames.done(thrown, *activity.report()))
        elif message["type"] in ("file", "folder"):
            host_files.write_first(message)
        elif message["type"] in ("read", "write", "list"):
            host_files.answer(message, channel.send)

    channel.send(ready)
    try:
        while True:
            message = channel.receive(None)
            if message is not None:
                serve(message)
    except BaseException as error:
        # A fault of this code: the host shows what stands on the real stderr.
        os.write(2, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        os._exit(70)


def _kills():
    for path in MEMORY_EVENTS:
        try:
            with open(path) as file:
                for line in file:
                    name, _, count = line.partition(" ")
                    if name == "oom_kill":
                        return int(count)
        except OSError:
            continue  # Not this version of control groups, or none.
    return None


def _previous_end(code, errors):
    if code == "":
        return None
    try:
        with open(errors, errors="replace") as file:
            text = file.read()[-KEPT_ERROR_BYTES:]
    except OSError:
        text = ""  # The program before may have removed it; its exit code is told all the same.
    return int(code), text
