"""`call_tool`, the one way from a program to a tool. Only JSON text crosses, in both directions."""

import asyncio
import builtins
import json
import threading

from . import channel

_dumps, _loads = json.dumps, json.loads
MAX_INPUT_BYTES = 2**20
MAX_NAME_CHARACTERS = 256
#: Beside the input: numbers, and names of the greatest length.
OVERHEAD_BYTES = 2048


class ToolError(Exception):
    """A tool call that did not succeed; its text says why."""


ToolError.__module__ = "builtins"


class ToolCalls:
    def __init__(self, send, before_send):
        self._send = send
        self._before_send = before_send
        self._pending = {}
        self._last_id = 0
        self._running = False
        #: Calls that the program has made since it last yielded, and the bytes of their inputs.
        self._leaving = []
        self._leaving_bytes = 0

    def install(self):
        builtins.call_tool = self._call_tool
        builtins.ToolError = ToolError

    def start(self):
        self._pending, self._leaving, self._leaving_bytes, self._running = {}, [], 0, True

    def end(self):
        """Calls of a run that has ended reach no bridge, and what is still to come settles nothing."""
        self._pending, self._running = {}, False

    def leave(self, more=False):
        """The program has yielded: its calls leave together."""
        if self._leaving:
            leaving, self._leaving, self._leaving_bytes = self._leaving, [], 0
            self._before_send()
            self._send(channel.calls(leaving, more))

    def in_flight(self):
        return len(self._pending)

    def settle(self, reply):
        future = self._pending.pop(reply["id"], None)
        if future is None or future.done():
            return
        if reply["kind"] == "refused":
            future.set_exception(ToolError(reply["text"]))
        elif reply["kind"] == "json":
            future.set_result(_loads(reply["text"]))
        else:
            future.set_result(reply["text"])

    async def _call_tool(self, server, tool, input):
        """Structured content if the tool sent it, else its text."""
        if not isinstance(server, str) or not isinstance(tool, str):
            raise TypeError("call_tool needs the names of a server and a tool")
        if len(server) > MAX_NAME_CHARACTERS or len(tool) > MAX_NAME_CHARACTERS:
            raise TypeError(f"The name of a server or tool is longer than {MAX_NAME_CHARACTERS} characters")
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("call_tool works in the main thread alone")
        text = _input_json(server, tool, input)
        if not self._running:
            raise ToolError("The run has ended")
        self._last_id += 1
        number = self._last_id
        future = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        if self._leaving and self._leaving_bytes + len(text) + OVERHEAD_BYTES > MAX_INPUT_BYTES:
            self.leave(more=True)
        self._leaving.append((number, server, tool, text))
        # JSON as Python writes it is ASCII.
        self._leaving_bytes += len(text) + OVERHEAD_BYTES
        try:
            return await future
        finally:
            # Cancelled: nobody waits for the answer.
            self._pending.pop(number, None)


def _input_json(server, tool, input):
    if not isinstance(input, dict):
        raise TypeError(f"The input of {server}/{tool} must be a JSON object")
    try:
        text = _dumps(input, allow_nan=False)
    except RecursionError:
        raise ToolError(f"The input of {server}/{tool} is nested more than 500 levels deep") from None
    except Exception:
        raise TypeError(f"The input of {server}/{tool} cannot be written as JSON") from None
    if len(text) > MAX_INPUT_BYTES:
        raise ToolError(f"The input of {server}/{tool} is longer than {MAX_INPUT_BYTES} bytes")
    return text
