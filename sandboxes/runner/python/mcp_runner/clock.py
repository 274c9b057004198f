"""The clock that programs see.

In virtual time a timer completes at once when nothing else can happen, and the clock jumps ahead by what was skipped;
timers then keep to a clock of their own that only those jumps move, so that a wait of 30 s is exactly 30,000 ms.
"""

import datetime
import time

_time, _monotonic, _perf_counter, _sleep = time.time, time.monotonic, time.perf_counter, time.sleep


class Clock:
    def __init__(self):
        self.virtual = False
        #: Seconds skipped in this run, and in the runs before.
        self.skipped = 0.0
        self._before = 0.0
        self._installed = False

    def start(self, virtual):
        self._before += self.skipped
        self.skipped = 0.0
        self.virtual = virtual
        if virtual and not self._installed:
            self._installed = True
            self._install()

    def loop_time(self):
        """What timers go by, in seconds."""
        return self.skipped if self.virtual else _monotonic()

    def skip_to(self, when):
        self.skipped = max(self.skipped, when)

    def wait_ms(self):
        """Milliseconds skipped in this run, without the noise of binary fractions."""
        milliseconds = round(self.skipped * 1000, 6)
        return int(milliseconds) if milliseconds.is_integer() else milliseconds

    def _offset(self):
        return self._before + self.skipped

    def _install(self):
        def sleep(seconds):
            if not self.virtual:
                return _sleep(seconds)
            if seconds < 0:
                raise ValueError("sleep length must be non-negative")
            self.skipped += seconds

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
