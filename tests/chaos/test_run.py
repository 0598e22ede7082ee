"""How a run judges itself, without a site."""

from chaos.judge import Found
from chaos.report import summary
from chaos.run import Round, Run, longest_pause
from chaos.stories import Story
from test_judge import A, taken


class Scripted:
    """A machine of which the host takes so much, until it is calm again."""

    def __init__(self, share):
        self.share = share

    def most_stolen(self, since):
        return self.share

    def wait_for_calm(self):
        self.share = 0.0


class Broken(Run):
    """Its first rounds are broken."""

    def __init__(self, share, times):
        super().__init__(1, Scripted(share))
        self.times, self.played = times, 0

    def play(self, story):
        self.played += 1
        return Round(story, found=Found(["a sentence"] if self.played <= self.times else []))


def rounds(share, times):
    run = Broken(share, times)
    run.rounds.append(run.until_it_says_something(Story(1, "alone", [], [])))
    return run


def test_only_what_is_broken_while_the_host_took_the_time_away_is_tried_again():
    assert (rounds(0.7, 1).played, rounds(0.7, 1).rounds[0].verdict) == (2, "kept")
    assert (rounds(0.0, 1).played, rounds(0.0, 1).rounds[0].verdict) == (1, "BROKEN")
    assert (rounds(0.7, 2).played, rounds(0.7, 2).rounds[0].verdict) == (2, "BROKEN"), "it was calm the second time"


def test_the_summary_counts_and_names_the_seed():
    lines = summary(rounds(0.0, 1)).splitlines()
    assert lines[-1] == "0 passed, 1 failed" and "scripts/chaos --seed 1" in lines[-2]
    run = rounds(0.0, 0)
    assert summary(run).splitlines()[-1] == "1 passed, 0 failed"
    run.complaints.append("a report of a sanitizer")
    assert summary(run).splitlines()[-1] == "1 passed, 1 failed"


def test_the_pause_is_the_longest_time_without_any_answer():
    assert round(longest_pause(taken(A, 2.0, 5.0), 1.0, 6.0), 2) == 3.0
    assert longest_pause([], 1.0, 6.0) == 5.0
