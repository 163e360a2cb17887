"""Subscribers to /api/events over sockets, many in one thread: those that read, and those that do not."""
import calendar
import datetime
import json
import selectors
import socket
import threading
import time


class Subscriber:
    """One stream. What came is in `ids`, and in `events` if it is to be kept; `delays`: seconds from an event's time."""

    def __init__(self, port, query="", headers="", receive_buffer=None, keep=True):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(f"GET /api/events{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode())
        self.rest, self.events, self.delays, self.ids, self.closed, self.keep = b"", [], [], [], False, keep
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            part = self.socket.recv(1)
            if not part:
                raise AssertionError(f"no answer: {self.head!r}")
            self.head += part

    @property
    def status(self):
        return int(self.head.split(b" ")[1])

    def read(self):
        """Takes what is there."""
        arrived = time.time()
        try:
            part = self.socket.recv(1 << 16)
        except OSError:
            part = b""
        if not part:
            self.closed = True
            return
        # An event is one line of data in a chunk of its own or with others: sizes of chunks stand on lines of their own.
        self.rest += part
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data: {\"id\""):
                if not self.keep:  # what costs least, beside many others
                    self.ids.append(int(line[12:line.index(b",")]))
                    moment = line[line.index(b"\"time\":\"") + 8:][:24].decode()
                    self.delays.append(arrived - calendar.timegm(time.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))
                                       - int(moment[20:23]) / 1000)
                    continue
                event = json.loads(line[6:])
                moment = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
                self.ids.append(event["id"])
                self.delays.append(arrived - moment)
                self.events.append(event)
            elif line.startswith(b"event: reset"):
                self.ids.append("reset")

    def close(self):
        self.socket.close()


class Readers:
    """Reads the streams of many subscribers until it is left."""

    def __init__(self, subscribers):
        self.subscribers, self.stopping = subscribers, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with selectors.DefaultSelector() as selector:
            for subscriber in self.subscribers:
                selector.register(subscriber.socket, selectors.EVENT_READ, subscriber)
            while not self.stopping.is_set() and selector.get_map():
                for key, _ in selector.select(0.1):
                    key.data.read()
                    if key.data.closed:
                        selector.unregister(key.fileobj)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
