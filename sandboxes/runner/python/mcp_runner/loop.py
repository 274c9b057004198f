"""The event loop of programs: it waits on the runner's channel or skips time, and knows when nothing can happen.

It has no sockets, pipes or child processes of its own: it is the same on every backend, also where there are none.
"""

import asyncio


class Quiet(BaseException):
    """Nothing is ready, nothing is scheduled and nothing is awaited from outside."""


class GuestLoop(asyncio.BaseEventLoop):
    """`attend(seconds or None)` waits for the host; `waits()` says whether an answer of the host's is to come."""

    def __init__(self, clock, attend, waits, wake):
        super().__init__()
        self._clock = clock
        self._attend = attend
        self._waits = waits
        self._wake = wake
        self._jobs = 0
        # What the base class waits with.
        self._selector = self

    def time(self):
        return self._clock.loop_time()

    def select(self, timeout):
        waits = self._waits() or self._jobs > 0
        if timeout == 0:
            self._attend(0)
        elif timeout is None and not waits:
            raise Quiet
        elif self._clock.virtual and timeout is not None and not waits:
            self._clock.skip_to(self._scheduled[0].when())
        else:
            self._attend(None if self._clock.virtual else timeout)
        return []

    def _process_events(self, event_list):
        """Answers were given to their futures while waiting."""

    def _write_to_self(self):
        self._wake()

    def run_in_executor(self, executor, func, *args):
        future = super().run_in_executor(executor, func, *args)
        self._jobs += 1
        future.add_done_callback(self._job_done)
        return future

    def _job_done(self, _):
        self._jobs -= 1

    async def shutdown_default_executor(self, timeout=None):
        if self._default_executor is not None:
            self._default_executor.shutdown(wait=True)

    def drop_everything(self):
        """Forgets what is scheduled, after a program that ended before its tasks did."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        # Their own clean-up, as far as it needs no waiting.
        for _ in range(20):
            self.stop()
            self.run_forever()
        self._ready.clear()
        self._scheduled.clear()
        self._jobs = 0
