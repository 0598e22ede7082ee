"""The tests of the chaos suite itself. Run with Debian's Python: /usr/bin/python3 -m pytest tests/chaos"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]

from support.plugin import (pytest_runtest_makereport, pytest_runtest_protocol, pytest_sessionfinish,  # noqa: E402, F401
                            pytest_sessionstart, pytest_terminal_summary, workplace)
