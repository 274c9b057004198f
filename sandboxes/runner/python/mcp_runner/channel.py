"""The runner's end of its channel: frames of a four-byte big-endian length and that many bytes of JSON in UTF-8.

Writing is synchronous, so that what a program printed before it looped, crashed or was killed has reached the host.
"""

import json
import os
import struct

#: Longest frame either side accepts.
MAX_FRAME_BYTES = 64 * 2**20
#: Bytes asked for at once.
READ_BYTES = 2**20

# Taken now: a program may change what its own modules hold.
_dumps = json.dumps
_loads = json.loads
_read = os.read
_write = os.write
_pack = struct.pack


class Channel:
    """`wait(seconds or None)` returns whether there may be something to read, `read(fd, size)` reads it.

    `lines`: what is sent is a line for each message, for a host that is given it as text.
    """

    def __init__(self, in_fd, out_fd, read, wait, pause=lambda: None, wake=lambda: None, lines=False):
        self._in_fd = in_fd
        self._out_fd = out_fd
        self._read = read
        self._wait = wait
        self._pause = pause
        self.wake = wake
        self._lines = lines
        self._buffer = bytearray()

    def send(self, message):
        """Returns when the system has all of it."""
        body = _dumps(message).encode()
        # JSON as Python writes it is ASCII without a newline.
        rest = memoryview(body + b"\n" if self._lines else _pack(">I", len(body)) + body)
        while rest:
            try:
                rest = rest[_write(self._out_fd, rest) :]
            except BlockingIOError:
                self._pause()

    def receive(self, seconds):
        """The next message; None if none came in that time or something woke the wait. None waits for ever."""
        message = self._next()
        if message is not None or not self._wait(seconds):
            return message
        self._buffer += self._read(self._in_fd, READ_BYTES)
        # The rest of a message is on its way.
        while (message := self._next()) is None and self._buffer:
            if self._wait(None):
                self._buffer += self._read(self._in_fd, READ_BYTES)
        return message

    def _next(self):
        if len(self._buffer) < 4:
            return None
        end = 4 + int.from_bytes(self._buffer[:4], "big")
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[4:end])
        del self._buffer[:end]
        return _loads(body)


def process_channel(address):
    """`address` is `stdio`; `lines`, the same for a host that is given standard output as text, in which each message is a
    line; the path of a character device; or that of a Unix socket on which the host listens.
    """
    import select

    if address in ("stdio", "lines"):
        in_fd, out_fd = os.dup(0), os.dup(1)
        # What a program starts inherits the standard files, and must neither read nor break the channel.
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
    elif address.startswith("/dev/"):
        # E.g. a virtual machine's port.
        in_fd = out_fd = os.open(address, os.O_RDWR)
    else:
        import socket

        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address)
        in_fd = out_fd = connection.detach()

    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    poll = select.poll()
    poll.register(in_fd, select.POLLIN | select.POLLHUP)
    poll.register(wake_reader, select.POLLIN)
    room = select.poll()
    room.register(out_fd, select.POLLOUT)
    exit_process = os._exit

    def read(fd, size):
        received = _read(fd, size)
        if not received:
            # Without its host there is nobody to report to, and nobody to end it.
            exit_process(0)
        return received

    def wait(seconds):
        for fd, _ in poll.poll(None if seconds is None else max(0, seconds) * 1000):
            if fd == wake_reader:
                _read(wake_reader, 4096)
                continue
            return True
        return False

    def wake():
        try:
            _write(wake_writer, b"\0")
        except BlockingIOError:
            # The pipe is full: the wait ends anyway.
            return

    return Channel(in_fd, out_fd, read, wait, room.poll, wake, lines=address == "lines")
