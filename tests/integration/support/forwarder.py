"""A TCP forwarder: the port mapping of a container, and a network link that a test can cut and mend."""

import socket
import struct
import threading

from support.processes import free_port


class Forwarder:
    """Listens on (host, port) and passes everything on to `target`, a (host, port) pair that may be down at the time."""

    def __init__(self, workplace, target, host="127.0.0.1", port=None):
        self.target, self.host, self.port = target, host, port or free_port(host)
        self.process = None
        self._connections, self._lock, self._passes = [], threading.Lock(), True
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._server = socket.socket(family, socket.SOCK_STREAM)
        self._server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._server.bind((self.host, self.port))
        self._server.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()
        workplace.add(self)

    @property
    def hosts(self):
        return f"{self.host}:{self.port}"

    def cut(self):
        """Ends every connection, and each new one as soon as it is made."""
        with self._lock:
            self._passes = False
            connections, self._connections = self._connections, []
        for connection in connections:
            close(connection)

    def mend(self):
        with self._lock:
            self._passes = True

    def remove(self):
        self.cut()
        close(self._server)

    def _accept(self):
        while True:
            try:
                incoming, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(incoming,), daemon=True).start()

    def _connect(self, incoming):
        try:
            outgoing = socket.create_connection(self.target, timeout=5)
        except OSError:
            return close(incoming)
        outgoing.settimeout(None)
        with self._lock:
            if passes := self._passes:
                self._connections += [incoming, outgoing]
        if not passes:
            close(incoming)
            return close(outgoing)
        threading.Thread(target=self.pump, args=(incoming, outgoing), daemon=True).start()
        self.pump_back(outgoing, incoming)

    def pump_back(self, outgoing, incoming):
        pump(outgoing, incoming)

    def pump(self, incoming, outgoing):
        """What a client sends, for those who want to see it."""
        pump(incoming, outgoing)


class ResettingForwarder(Forwarder):
    """Resets each connection behind its n-th answer, which the client still gets."""

    def __init__(self, workplace, target, answers):
        self.answers = answers
        super().__init__(workplace, target)

    def pump_back(self, outgoing, incoming):
        try:
            for _ in range(self.answers):
                if not (data := outgoing.recv(65536)):
                    break
                incoming.sendall(data)
            incoming.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # the client was the first to end it
        incoming.close()
        close(outgoing)


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    close(source)
    close(sink)


def close(connection):
    """shutdown() first: close() alone leaves a thread that waits in recv() or accept() waiting for ever."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    connection.close()
