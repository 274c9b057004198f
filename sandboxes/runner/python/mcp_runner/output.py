"""One output for what would be stdout and stderr, in one order, sent line by line."""

import codecs
import io
import sys


def _well_formed(error):
    # Bytes: of text, this encoder takes ASCII alone here.
    return "\ufffd".encode() * (error.end - error.start), error.end


codecs.register_error("mcp-well-formed", _well_formed)


class _Frames(io.RawIOBase):
    def __init__(self, send):
        self._send = send
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self):
        return True

    def write(self, data):
        text = self._decoder.decode(bytes(data))
        if text:
            self._send({"type": "output", "text": text})
        return len(data)


def install_output(send):
    """Replaces stdout and stderr. Returns what sends the rest of an unfinished line."""
    stream = io.TextIOWrapper(
        io.BufferedWriter(_Frames(send)), encoding="utf-8", errors="mcp-well-formed", newline="\n", line_buffering=True
    )
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = stream
    sys.stdin = io.StringIO("")

    def flush():
        for one in {stream, sys.stdout, sys.stderr}:
            try:
                one.flush()
            except Exception:  # A program may put anything in a stream's place, or close it.
                continue

    return flush
