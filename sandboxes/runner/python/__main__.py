"""Starts the runner as a process: `python3 -I -S -B <this folder> <channel> [previous exit code, its stderr file]`."""

import sys

from mcp_runner.runner import main
from mcp_runner.channel import process_channel

arguments = sys.argv[1:] + ["", "", ""]
main(process_channel(arguments[0] or "stdio"), arguments[1], arguments[2])
