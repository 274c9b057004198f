"""The runner's end of its channel: frames of a four-byte big-endian length, one byte that says what it is, and a body.

`sandboxes/wire/frames.ts` has the table. Writing is synchronous, so that what a program printed before it looped, crashed
or was killed has reached the host.
"""

import base64
import codecs
import json
import os
import struct

#: Longest frame that the host accepts, after its length.
MAX_FRAME_BYTES = 2**20 + 2048
#: Bytes asked for at once.
READ_BYTES = 2**20
#: Characters of output that leave at once.
OUTPUT_CHARACTERS = 2**17
#: Characters of the parts of an uncaught error, and of the paths of each list.
MAX_THROWN = (1_000, 200_000, 50_000)
MAX_REPORTED = 30_000
#: A list of paths that is longer tells the host that it is too long.
MAX_LIST_BYTES = 2**20

# Taken now: a program may change what its own modules hold.
_loads = json.loads
_read = os.read
_write = os.write
_pack = struct.pack
_base64 = base64.b64encode
_REPLIES = {0x6A: "json", 0x74: "text", 0x72: "refused"}


def _well_formed(error):
    # Bytes: of text, this encoder takes ASCII alone here.
    return "\ufffd".encode() * (error.end - error.start), error.end


#: Lone surrogates become U+FFFD.
WELL_FORMED = "mcp-well-formed"
codecs.register_error(WELL_FORMED, _well_formed)


def ready(token, previous, kills):
    code, text = (-1, "") if previous is None else previous
    token = _utf8(token)
    return b"R" + _pack(">iiH", code, -1 if kills is None else kills, len(token)) + token + _utf8(text)


def output(text):
    return b"O" + _utf8(text)


def calls(calls, more):
    """`calls`: tuples of id, server, tool and input, as text."""
    parts = [b"c" if more else b"C"]
    for number, *texts in calls:
        server, tool, given = map(_utf8, texts)
        parts.append(_pack(">IHHI", number, len(server), len(tool), len(given)) + server + tool + given)
    return b"".join(parts)


def wait(milliseconds):
    return b"W" + _pack(">d", milliseconds)


def done(thrown, read, wrote):
    """`thrown`: a dictionary of name, message and stack, or None."""
    values = ("", "", "") if thrown is None else (thrown["name"], thrown["message"], thrown["stack"])
    fields = [text[:most] for text, most in zip(values, MAX_THROWN)] + [_paths(read), _paths(wrote)]
    encoded = [_utf8(field) for field in fields]
    return b"D" + (b"R" if thrown is None else b"T") + b"".join(_pack(">I", len(one)) + one for one in encoded)


def started():
    return b"S"


def answer(fault):
    return b"A" + _utf8(fault or "")


def file_parts(data):
    for start in range(0, len(data), MAX_FRAME_BYTES - 1):
        yield b"P" + data[start : start + MAX_FRAME_BYTES - 1]


def list_parts(paths):
    return file_parts(b"".join(_utf8(path) + b"\0" for path in paths)[: MAX_LIST_BYTES + 1])


def _utf8(text):
    return text.encode("utf-8", WELL_FORMED)


def _paths(paths):
    text = ""
    for path in paths:
        if len(text) + len(path) >= MAX_REPORTED:
            break
        text += path + "\0"
    return text


class Channel:
    """`wait(seconds or None)` returns whether there may be something to read, `read(fd, size)` reads it.

    `lines`: what is sent is a line of base64 for each message, for a host that is given it as text.
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

    def send(self, body):
        """Returns when the system has all of it."""
        rest = memoryview(_base64(body) + b"\n" if self._lines else _pack(">I", len(body)) + body)
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
        return _message(body)


def _message(body):
    kind = body[0]
    if kind in _REPLIES:
        return {"type": "reply", "id": int.from_bytes(body[1:5], "big"), "kind": _REPLIES[kind], "text": body[5:].decode()}
    if kind == 0x77:
        return {"type": "waited"}
    if kind == 0x58:
        return {"type": "run", **_loads(body[1:])}
    if kind == 0x4C:
        return {"type": "list"}
    if kind in b"TBNGU":
        end = 5 + int.from_bytes(body[1:5], "big")
        names = {0x54: "file", 0x42: "file", 0x4E: "folder", 0x47: "read", 0x55: "write"}
        return {"type": names[kind], "path": body[5:end].decode(), "content": body[end:]}
    return {"type": "other"}


def process_channel(address):
    """`address` is `stdio`; `lines`, the same for a host that is given standard output as text, in which each message is a
    line of base64; the path of a character device; or that of a Unix socket on which the host listens.
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
