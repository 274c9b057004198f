"""The clock that programs see.

In virtual time a timer completes at once when nothing else can happen, and the clock jumps ahead by what was skipped;
timers then keep to a clock of their own that only those jumps move, so that a wait of 30 s is exactly 30,000 ms.
"""

import datetime
import threading
import time

_time, _monotonic, _perf_counter, _sleep = time.time, time.monotonic, time.perf_counter, time.sleep


class Clock:
    """`pass_time(milliseconds)` asks the host to let time pass, and returns when it has. In the main thread alone."""

    def __init__(self, pass_time):
        self._pass_time = pass_time
        self.virtual = False
        #: Seconds that other threads have skipped and the host does not know of.
        self._untold = 0.0
        #: Seconds skipped in this run, and in the runs before.
        self.skipped = 0.0
        self._before = 0.0
        self._installed = False

    def start(self, virtual):
        self._before += self.skipped
        self.skipped = 0.0
        self._untold = 0.0
        self.virtual = virtual
        if virtual and not self._installed:
            self._installed = True
            self._install()

    def loop_time(self):
        """What timers go by, in seconds."""
        return self.skipped if self.virtual else _monotonic()

    def skip_to(self, when):
        self._skip(when - self.skipped)

    def tell(self):
        """What other threads have skipped."""
        seconds, self._untold = self._untold, 0.0
        if seconds > 0:
            self._pass_time(round(seconds * 1000, 6))

    def _skip(self, seconds):
        # Without the noise of binary fractions.
        milliseconds = round(seconds * 1000, 6)
        if threading.current_thread() is not threading.main_thread():
            self._untold += seconds
        elif milliseconds > 0:
            self._pass_time(milliseconds)
        self.skipped += max(0.0, seconds)

    def _offset(self):
        return self._before + self.skipped

    def _install(self):
        def sleep(seconds):
            if not self.virtual:
                return _sleep(seconds)
            if seconds < 0:
                raise ValueError("sleep length must be non-negative")
            self._skip(seconds)

        time.time = lambda: _time() + self._offset()
        time.monotonic = lambda: _monotonic() + self._offset()
        time.perf_counter = lambda: _perf_counter() + self._offset()
        time.sleep = sleep
        datetime.datetime = _skipping_datetime(self._offset)


def _skipping_datetime(offset):
    real = datetime.datetime

    class Kind(type(real)):
        def __instancecheck__(cls, value):
            return isinstance(value, real)

    class SkippingDatetime(real, metaclass=Kind):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(_time() + offset(), tz)

        @classmethod
        def utcnow(cls):
            return cls.now(datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls):
            return cls.now()

    # How the real one names itself, in repr too.
    SkippingDatetime.__name__ = "datetime.datetime"
    SkippingDatetime.__qualname__ = "datetime"
    SkippingDatetime.__module__ = "datetime"
    return SkippingDatetime
