"""The run of scripts/chaos, which checks its options and says what they are. Needs a mount namespace of its own."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from support.machine import Machine  # noqa: E402  (the line above makes it known)

from chaos.report import summary  # noqa: E402
from chaos.run import Run  # noqa: E402


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, required=True)
    arguments.add_argument("--minutes", type=float, required=True)
    arguments.add_argument("--from", type=int, default=1, dest="first")
    options = arguments.parse_args()
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)  # its connections break all the time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(f"seed {options.seed}, {options.minutes:g} minutes, from round {options.first}; executables: {os.environ['REDIS_ZK_BIN']}")
    machine = Machine().start()
    run = Run(options.seed, machine)
    try:
        run.go_on(options.minutes, options.first)
    finally:
        machine.stop()
        print(summary(run), flush=True)
    return 1 if run.complaints or not run.rounds or any(one.found.broken for one in run.rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
