"""Frames over a socket: four bytes of length, then that many bytes; every wait may have an end."""

from __future__ import annotations

import select
import socket
import struct
import time

from grader.isolation.wire import BadFrame

CHUNK = 1 << 20


class Gone(Exception):
    """The other side has closed, or died."""


class Late(Exception):
    """The time for this exchange is up."""


class Channel:
    """One end of the line. `until` is a time of `time.monotonic`; where it is None, waiting has no end."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.until: float | None = None

    def send(self, frame: bytes) -> None:
        view = memoryview(struct.pack("<I", len(frame)) + frame)
        while view:
            self._wait(select.POLLOUT)
            try:
                view = view[self._end.send(view[:CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error

    def receive(self, most: int) -> bytes:
        """The next frame.

        Raises:
            BadFrame: it is longer than `most`.
        """
        (length,) = struct.unpack("<I", self._exactly(4))
        if length > most:
            raise BadFrame(f"a frame of {length:,} bytes")
        return self._exactly(length)

    def close(self) -> None:
        self._end.close()

    def _exactly(self, count: int) -> bytes:
        data = bytearray()  # grows with what has come: a length alone takes no memory
        while len(data) < count:
            self._wait(select.POLLIN)
            try:
                part = self._end.recv(min(count - len(data), CHUNK))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Gone from error
            if not part:
                raise Gone
            data += part
        return bytes(data)

    def _wait(self, event: int) -> None:
        if self.until is None:
            return
        left = self.until - time.monotonic()
        if left <= 0:
            raise Late
        poll = select.poll()
        poll.register(self._end, event)
        poll.poll(left * 1000)
