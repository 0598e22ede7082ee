"""What happened, and when (the time of the logs, and seconds since the beginning): printed as it happens, and kept for the report about a
promise that was broken."""

import threading
import time
from datetime import datetime, timezone


class Timeline:
    def __init__(self):
        self.began, self.lines, self.lock = time.monotonic(), [], threading.Lock()

    def say(self, text):
        line = f"{datetime.now(timezone.utc):%H:%M:%S.%f}"[:-3] + f" {time.monotonic() - self.began:7.1f}  {text}"
        with self.lock:
            self.lines.append(line)
            print(line, flush=True)
