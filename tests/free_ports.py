"""Ports of loopback for servers that cannot be told to take any, or that come back on theirs."""
import contextlib
import pathlib
import random
import socket


def free_ports(count):
    """Ports that are free now, and none of those that the system gives to whoever asks for any: until somebody listens there, or
    between two starts, another test would get them. All are held until the last is found, so that they differ."""
    first, last = map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    own = [port for port in range(10_000, 65_536) if not first <= port <= last] or range(10_000, 65_536)
    with contextlib.ExitStack() as held:
        ports = []
        while len(ports) < count:
            one = held.enter_context(socket.socket())
            port = random.choice(own)
            with contextlib.suppress(OSError):  # taken
                one.bind(("127.0.0.1", port))
                ports.append(port)
        return ports
