"""Rounds of faults on one site until the time is over: what happened is printed as it happens, then a table, then what it comes to."""

import shutil
import sys
import time
import traceback
from dataclasses import dataclass, field

from support.machine import TOO_MUCH
from support.node import REPOSITORY
from support.repeat import ATTEMPTS
from support.wait import NotInTime, wait_until
from support.workplace import Workplace

from chaos.judge import Found, Promise, judge
from chaos.site import Site
from chaos.stories import stories
from chaos.timeline import Timeline

LOGS = REPOSITORY / "build/chaos"


@dataclass
class Round:
    """One row of the table."""

    story: object
    promise: Promise = field(default_factory=Promise)
    found: Found = field(default_factory=lambda: Found([]))
    pause: float = 0.0
    healed_after: float = 0.0
    note: str = ""

    @property
    def verdict(self):
        return "BROKEN" if self.found.broken else self.note or "kept"


class Run:
    def __init__(self, seed, machine):
        self.seed, self.machine, self.timeline = seed, machine, Timeline()
        self.rounds, self.complaints, self.place, self.site = [], [], None, None

    def go_on(self, minutes, first=1):
        """Round after round while there is time."""
        end = time.monotonic() + 60 * minutes
        try:
            for story in stories(self.seed):
                if time.monotonic() >= end:
                    break
                if story.number >= first:
                    self.rounds.append(self.until_it_says_something(story))
        finally:
            self.clear_away()

    def until_it_says_something(self, story):
        """What is broken while the host takes the machine's time away is tried again (support/repeat.py)."""
        for attempt in range(1, ATTEMPTS + 1):
            began = time.monotonic()
            done = self.play(story)
            share = self.machine.most_stolen(began)
            if not done.found.broken:
                return done
            self.keep_the_logs(story)
            self.clear_away()
            if share < TOO_MUCH or attempt == ATTEMPTS:
                return done
            self.timeline.say(f"round {story.number} says nothing, for the host took {100 * share:.0f} % of the machine's time; once more")
            self.machine.wait_for_calm()

    def play(self, story):
        """A round, on the site of the round before if that went well."""
        done = Round(story)
        try:
            if self.site is None:
                self.set_up()
            self.timeline.say(f"round {story.number}, {story}")
            self.play_and_judge(done)
        except Exception as error:  # whatever it is: the site does not heal, or the suite itself fails; the log has where
            if not isinstance(error, NotInTime):
                traceback.print_exc(file=sys.stdout)
            done.found.broken.append(f"{type(error).__name__}: {error}")
        for sentence in done.found.broken:
            self.timeline.say(f"BROKEN in round {story.number} of seed {self.seed}: {sentence}")
        return done

    def set_up(self):
        self.place = Workplace()
        self.site = Site(self.place, self.timeline)
        self.site.set_up()
        self.data = Data(self.site.clients)
        self.began_before = time.monotonic()
        self.site.settle()
        self.timeline.say(f"all is well; the master is {self.site.master.name}")

    def play_and_judge(self, done):
        site, began, term = self.site, time.monotonic(), self.site.directory.term()
        done.promise = done.story.play(site)
        done.healed_after = site.settle()
        self.timeline.say(f"all is well after {done.healed_after:.1f} s; the master is {site.master.name}")
        judged_at = time.monotonic()
        writes = self.writes(began, judged_at)
        has = self.data.read(site.master)
        done.found = judge(writes, has, done.promise, self.writes(self.began_before, began), site.woken)
        done.pause = longest_pause(writes, began, judged_at)
        done.found.broken += [*self.data.rewritten(done.promise), *site.complaints]
        if site.directory.term() < term:
            done.found.broken.append(f"the term of the record was {term} and is {site.directory.term()}")
        done.note = "" if done.promise.no_kept_write_lost else "healed"
        if not done.found.broken:
            self.data.wait_until_everywhere(site.nodes, writes)
            self.began_before = began

    def writes(self, since, until):
        return sorted((write for client in self.site.clients for write in client.writes_since(since) if write.answered < until),
                      key=lambda write: write.sent)

    def keep_the_logs(self, story):
        """Of all parts, of the wrappers also in one file in the order of time, and what happened; the next round starts with new ones."""
        if self.place is None:
            return
        kept, lines = LOGS / f"seed-{self.seed}-round-{story.number}", []
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for log in self.place.directory.rglob("*.log"):
            shutil.copy(log, kept / f"{log.parent.name}.log")
            lines += [(line.split(" ", 1)[0], log.parent.name, line) for line in log.read_text(errors="replace").splitlines()
                      if log.name == "wrapper.log" and line.startswith("20")]
        (kept / "all").write_text("".join(f"{name:10} {line}\n" for _, name, line in sorted(lines, key=lambda one: one[0])))
        (kept / "timeline").write_text("\n".join(self.timeline.lines) + "\n")
        self.timeline.say(f"the logs are in {kept.relative_to(REPOSITORY)}")

    def clear_away(self):
        if self.place is None:
            return
        place, site, self.place, self.site = self.place, self.site, None, None
        if site is not None:
            site.close()
        place.remove()
        for complaint in place.complaints:
            self.timeline.say(f"BROKEN: {complaint}")
        self.complaints += place.complaints


class Data:
    """What the nodes hold of the clients' lists. What all nodes had at the end of a round stays where it is in the list for ever; the
    rest is read again in each round."""

    def __init__(self, clients):
        self.keys = {client.name: client.key for client in clients}
        self.settled = {name: (0, None) for name in self.keys}  # so many, of which this is the last
        self.lists = {}

    def read(self, node):
        """client -> its numbers behind those that were settled."""
        self.lists = self.look(node)
        return {name: set(map(int, numbers[1:] if self.settled[name][0] else numbers)) for name, numbers in self.lists.items()}

    def look(self, node):
        client = node.client
        return {name: client.lrange(key, max(0, self.settled[name][0] - 1), -1) for name, key in self.keys.items()}

    def rewritten(self, promise):
        """A sentence for each client of which not even that is there which all nodes had before."""
        changed = [name for name, (count, last) in self.settled.items() if count and self.lists[name][:1] != [last]]
        if changed and not promise.no_kept_write_lost:
            self.settled = {name: (0, None) for name in self.keys}
            return []
        return [f"of the client {name} writes are gone that all nodes had at the end of the round before" for name in changed]

    def wait_until_everywhere(self, nodes, writes):
        """And what was acknowledged before this is settled from now on."""
        ends = {}
        for name, numbers in self.lists.items():
            acknowledged = {str(write.number) for write in writes if write.client == name}
            ends[name] = max((index for index, number in enumerate(numbers) if number in acknowledged), default=None)
        for node in nodes:
            wait_until(lambda: self.has_up_to(node, ends), 20, f"{node.name} has what the master has")
        for name, end in ends.items():
            if end is not None:
                self.settled[name] = max(0, self.settled[name][0] - 1) + end + 1, self.lists[name][end]

    def has_up_to(self, node, ends):
        found = self.look(node)
        short = [name for name, end in ends.items() if end is not None and found[name][:end + 1] != self.lists[name][:end + 1]]
        assert not short, f"it lacks writes of {short}"
        return True


def longest_pause(writes, began, ended):
    """In which nobody's write was answered, wherever he stands."""
    moments = [began, *sorted(write.answered for write in writes), ended]
    return max(later - earlier for earlier, later in zip(moments, moments[1:]))
