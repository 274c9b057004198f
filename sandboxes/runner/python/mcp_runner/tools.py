"""`call_tool`, the one way from a program to a tool. Only JSON text crosses, in both directions."""

import asyncio
import builtins
import json
import threading

_dumps, _loads = json.dumps, json.loads
#: Quotes and backslashes are escaped once more on the way.
MAX_INPUT_CHARACTERS = 64 * 2**20 // 3


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
        self.waves = 0

    def install(self):
        builtins.call_tool = self._call_tool
        builtins.ToolError = ToolError

    def start(self):
        self._pending, self.waves, self._running = {}, 0, True

    def end(self):
        """Calls of a run that has ended reach no bridge, and what is still to come settles nothing."""
        self._pending, self._running = {}, False

    def in_flight(self):
        return len(self._pending)

    def settle(self, reply):
        future = self._pending.pop(reply["id"], None)
        if future is None or future.done():
            return
        if not reply["ok"]:
            future.set_exception(ToolError(reply["text"]))
        elif "json" in reply:
            future.set_result(_loads(reply["json"]))
        else:
            future.set_result(reply["text"])

    async def _call_tool(self, server, tool, input):
        """Structured content if the tool sent it, else its text."""
        if not isinstance(server, str) or not isinstance(tool, str):
            raise TypeError("call_tool needs the names of a server and a tool")
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("call_tool works in the main thread alone")
        text = _input_json(server, tool, input)
        if not self._running:
            raise ToolError("The run has ended")
        if not self._pending:
            self.waves += 1
        self._last_id += 1
        call = {"id": self._last_id, "server": server, "tool": tool, "inputJson": text}
        future = asyncio.get_running_loop().create_future()
        self._pending[self._last_id] = future
        self._before_send()
        self._send({"type": "call", "call": call, "callWaves": self.waves})
        try:
            return await future
        finally:
            # Cancelled: nobody waits for the answer.
            self._pending.pop(call["id"], None)


def _input_json(server, tool, input):
    if not isinstance(input, dict):
        raise TypeError(f"The input of {server}/{tool} must be a JSON object")
    try:
        text = _dumps(input, allow_nan=False)
    except RecursionError:
        raise ToolError(f"The input of {server}/{tool} is nested more than 500 levels deep") from None
    except Exception:
        raise TypeError(f"The input of {server}/{tool} cannot be written as JSON") from None
    if len(text) > MAX_INPUT_CHARACTERS:
        raise ToolError(f"The input of {server}/{tool} is longer than {MAX_INPUT_CHARACTERS} characters")
    return text
