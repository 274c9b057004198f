"""Starts the runner as a process: `python3 -I -S -B <this folder> <channel> [previous exit code, its stderr file, token]`."""

import signal
import sys

from mcp_runner.runner import main
from mcp_runner.channel import process_channel

# A shell starts its jobs without them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
arguments = sys.argv[1:] + ["", "", "", ""]
main(process_channel(arguments[0] or "stdio"), *arguments[1:4])
