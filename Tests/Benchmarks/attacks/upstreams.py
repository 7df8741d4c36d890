"""Stand-ins for Pieces OS that are as hostile as an attack needs: scripts for the upstream of the end-to-end tests."""

import select
import threading

import bodies

# Seconds that an attack may take.
LONGEST = 17.0


def silent(connection):
    """Takes every byte and never answers; called when a connection is accepted."""
    buffer = bytearray(1 << 20)
    connection.socket.settimeout(None)
    while connection.socket.recv_into(buffer):
        pass
    connection.is_open = False


def deaf(connection):
    """Reads nothing at all; called when a connection is accepted."""
    poll = select.poll()
    poll.register(connection.socket, select.POLLRDHUP)
    poll.poll()
    connection.is_open = False


class Together:
    """Sends answers up to the last byte, and all last bytes when it is released."""

    def __init__(self, answer):
        self.answer = memoryview(answer)
        self.sent = 0  # answers that have come that far, or that the gateway has given up
        self._changed = threading.Condition()
        self._released = threading.Event()

    def __call__(self, exchange):
        try:
            exchange.send(self.answer[:-1])
        finally:
            with self._changed:
                self.sent += 1
                self._changed.notify_all()
        self._released.wait(LONGEST)
        exchange.send(self.answer[-1:])

    def wait(self, count, timeout):
        with self._changed:
            self._changed.wait_for(lambda: self.sent >= count, timeout)

    def release(self):
        self._released.set()


def endless(exchange):
    """A list that does not end; other calls are answered at once."""
    if exchange.request.method == "POST":
        return exchange.answer(status=204)
    head, part = bodies.endless_list()
    exchange.send(head)
    while True:
        exchange.send(part)


def unfinished(exchange):
    """One element of 15 MiB, which does not end, and then silence."""
    exchange.send(bodies.unfinished_element(15 * bodies.MEBIBYTE))
    exchange.connection.wait_until_closed()
