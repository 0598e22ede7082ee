"""A forwarder in front of a sentinel that lets a test say things in its name: Sentinel itself permits no client to PUBLISH events."""

from support.forwarder import Forwarder, close


class Forger(Forwarder):
    """All else is truly the sentinel's."""

    def __init__(self, workplace, target, **options):
        self._listeners = []
        super().__init__(workplace, target, **options)

    def listeners(self):
        return len(self._listeners)

    def publish(self, channel, text):
        """To everybody who has subscribed to everything through us. Text or bytes, whatever they are."""
        parts = [b"pmessage", b"*", *(one if isinstance(one, bytes) else one.encode() for one in (channel, text))]
        self.say(b"*4\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))

    def say(self, raw):
        """Bytes that need not even be a message."""
        for listener in list(self._listeners):
            try:
                listener.sendall(raw)
            except OSError:
                self._listeners.remove(listener)

    def pump(self, source, sink):
        """What a client sends passes here first. A pattern for everything makes its connection one that listens."""
        try:
            while data := source.recv(65536):
                if b"PSUBSCRIBE" in data.upper():
                    self._listeners.append(source)
                sink.sendall(data)
        except OSError:
            pass
        if source in self._listeners:
            self._listeners.remove(source)
        close(source)
        close(sink)
