"""Waiting for what other processes do."""
import contextlib
import socket
import time


def wait_until(condition, what, seconds=120):
    """Polls a condition that another process makes true; the deadline is a bound, not a measurement."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def listens(port):
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
