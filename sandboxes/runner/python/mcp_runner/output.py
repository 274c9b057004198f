"""One output for what would be stdout and stderr, in one order, sent line by line."""

import codecs
import io
import sys

from .channel import OUTPUT_CHARACTERS, WELL_FORMED, output


class _Frames(io.RawIOBase):
    def __init__(self, send):
        self._send = send
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self):
        return True

    def write(self, data):
        text = self._decoder.decode(bytes(data))
        for start in range(0, len(text), OUTPUT_CHARACTERS):
            self._send(output(text[start : start + OUTPUT_CHARACTERS]))
        return len(data)


def install_output(send):
    """Replaces stdout and stderr. Returns what sends the rest of an unfinished line."""
    stream = io.TextIOWrapper(
        io.BufferedWriter(_Frames(send)), encoding="utf-8", errors=WELL_FORMED, newline="\n", line_buffering=True
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
