"""Runs one program after another in one set of globals, each to its end.

The end is JavaScript's: the program's code is done and nothing is left that could still happen. An exception that
nobody caught ends the run at once; one of a task that nobody awaited ends it when the rest is done.
"""

import ast
import asyncio
import builtins
import inspect
import linecache
import sys
import types

from .errors import NeverHappens, describe
from .files import forget_folders
from .loop import GuestLoop, Quiet


class Programs:
    """`attend(seconds or None)` waits for the host."""

    def __init__(self, workspace, clock, calls, attend, wake):
        self._workspace = workspace
        self._clock = clock
        self._calls = calls
        self._attend = attend
        self._wake = wake
        self._failed_tasks = []
        self._error = None
        self._at_top_level = False
        self._module = types.ModuleType("__main__")
        self._module.__dict__["__builtins__"] = builtins
        self._loop = self._new_loop()

    def install(self):
        sys.modules["__main__"] = self._module
        sys.path.insert(0, self._workspace)
        real_run = asyncio.run

        def run(main, *, debug=None, loop_factory=None):
            # At its top level a program has a running loop, for `await` and tasks; `asyncio.run` works there as well.
            if not self._at_top_level or asyncio._get_running_loop() is not self._loop:
                return real_run(main, debug=debug)
            asyncio._set_running_loop(None)
            try:
                with asyncio.Runner(debug=debug, loop_factory=self._new_loop) as runner:
                    return runner.run(main)
            except Quiet:
                raise NeverHappens from None
            finally:
                asyncio._set_running_loop(self._loop)

        asyncio.run = run
        asyncio.new_event_loop = self._new_loop
        # What `site` would add, which is not loaded.
        builtins.exit = builtins.quit = sys.exit

    def run(self, file, source, virtual):
        """What was thrown, as the host reads it; None if the program returned."""
        self._clock.start(virtual)
        self._calls.start()
        self._error = None
        self._failed_tasks = []
        forget_folders()
        main = None

        def begin():
            nonlocal main
            try:
                code = self._compiled(file, source)
                self._at_top_level = True
                if code.co_flags & inspect.CO_COROUTINE:
                    main = self._loop.create_task(eval(code, self._module.__dict__))
                    main.add_done_callback(self._main_done)
                else:
                    exec(code, self._module.__dict__)
            except BaseException as error:
                self._fail(error)
            finally:
                self._at_top_level = False

        self._loop.call_soon(begin)
        quiet = False
        try:
            self._loop.run_forever()
        except Quiet:
            quiet = True
        except BaseException as error:
            self._fail(error)
        error = self._error or self._lost_error()
        if error is None and main is not None and main.cancelled():
            error = asyncio.CancelledError()
        if error is None and quiet and main is not None and not main.done():
            error = NeverHappens()
        self._calls.end()
        if not quiet or error is not None:
            self._drop_tasks()
        for task in self._failed_tasks:
            task._log_traceback = False
        return self._reported(error)

    def _compiled(self, file, source):
        name = f"{self._workspace}/{file}"
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        return compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)

    def _new_loop(self):
        loop = GuestLoop(self._clock, self._attend, lambda: self._calls.in_flight() > 0, self._wake)
        loop.set_task_factory(self._make_task)
        loop.set_exception_handler(self._unhandled)
        return loop

    def _make_task(self, loop, coroutine, **options):
        task = asyncio.Task(coroutine, loop=loop, **options)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task):
        if task.cancelled():
            return
        # Reading the attribute does not count as somebody's having looked.
        if task._exception is not None:
            self._failed_tasks.append(task)

    def _main_done(self, main):
        if not main.cancelled() and main.exception() is not None:
            self._fail(main.exception())

    def _unhandled(self, loop, context):
        error = context.get("exception")
        if error is not None:
            self._fail(error)

    def _fail(self, error):
        if self._error is None:
            self._error = error
        self._loop.stop()

    def _lost_error(self):
        return next((task._exception for task in self._failed_tasks if task._log_traceback), None)

    def _drop_tasks(self):
        try:
            self._loop.drop_everything()
        except BaseException:
            # Its program is over; what its clean-up throws is nobody's.
            self._loop.drop_everything()

    def _reported(self, error):
        if error is None:
            return None
        if isinstance(error, SystemExit) and error.code in (None, 0):
            return None
        return describe(error, self._workspace)
