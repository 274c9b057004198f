"""Reads an uncaught exception without trusting it: name, message, and the frames of the program's own files."""

import errno

#: Far more than any result text shows. Characters.
LONGEST_FIELD = 200_000
#: The host shows fewer.
MOST_FRAMES = 50


class NeverHappens(Exception):
    """What a program is told that awaits what cannot come."""

    def __init__(self):
        super().__init__("The program awaits something that can never happen")


#: Linux' numbers, which another system's interpreter prints differently.
LINUX_NUMBERS = {
    "EPERM": 1, "ENOENT": 2, "EBADF": 9, "EACCES": 13, "EEXIST": 17, "ENOTDIR": 20, "EISDIR": 21, "EINVAL": 22,
    "ENOSPC": 28, "EROFS": 30, "ENAMETOOLONG": 36, "ENOTEMPTY": 39,
}  # fmt: skip


def describe(error, workspace):
    frames = _own_frames(error, workspace)
    message = error.msg if type(error) in (SyntaxError, IndentationError, TabError) else _text(error)
    name = "Error" if isinstance(error, NeverHappens) else type(error).__name__
    stack = "".join(f"    at workspace:/{_encoded(file)}:{line}\n" for file, line in frames)
    return {"name": name, "message": message, "stack": stack}


def _text(error):
    try:
        text = str.__getitem__(str(error), slice(LONGEST_FIELD))
        if isinstance(error, OSError):
            number = LINUX_NUMBERS.get(errno.errorcode.get(error.errno))
            return text.replace(f"[Errno {error.errno}]", f"[Errno {number or error.errno}]", 1)
        return text
    except BaseException:
        return "[unprintable]"


def _own_frames(error, workspace):
    """Innermost first."""
    frames = []
    at = error.__traceback__
    while at is not None:
        frames.append((at.tb_frame.f_code.co_filename, at.tb_lineno))
        at = at.tb_next
    if isinstance(error, SyntaxError) and isinstance(error.filename, str) and isinstance(error.lineno, int):
        frames.append((error.filename, error.lineno))
    prefix = workspace + "/"
    own = [(file[len(prefix) :], line) for file, line in reversed(frames) if file.startswith(prefix)]
    return own[:MOST_FRAMES]


def _encoded(file):
    """As `encodeURI` does."""

    def one(character):
        if character.isascii() and (character.isalnum() or character in "-_.!~*';/?:@&=+$,#"):
            return character
        return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))

    return "".join(map(one, file))
