"""Starts the runner as a process: `python3 -I -S -B <this folder> <channel> [previous exit code, its stderr file, token]`."""

import signal
import sys

from mcp_runner.channel import process_channel
from mcp_runner.fetch import install_fetch
from mcp_runner.runner import main

# A shell starts its jobs without them.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)
arguments = sys.argv[1:] + ["", "", "", ""]
install_fetch(arguments[0])
main(process_channel(arguments[0] or "stdio"), *arguments[1:4])
