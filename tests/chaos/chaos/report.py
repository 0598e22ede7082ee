"""The table of a run."""

HEADER = ("ROUND", "WRITES", "WAIT 1", "LOST", "LOST W", "2 MASTERS", "PAUSE", "WELL", "VERDICT", "STORY")
FORM = "{:>5} {:>7} {:>7} {:>6} {:>6} {:>9} {:>7} {:>6}  {:8} {}"


def table(rounds):
    """WRITES were acknowledged, so many of them under WAIT 1; LOST of both kinds. PAUSE and WELL are seconds: without an answer to
    anybody, and from the end of the faults until all was well. A verdict `healed` is of a round in which more than one node was
    missing: only its healing is judged."""
    lines = [FORM.format(*HEADER)]
    for one in rounds:
        found = one.found
        lines.append(FORM.format(one.story.number, found.acknowledged, found.kept, found.lost, found.kept_lost, found.overlaps,
                                 f"{one.pause:.2f}", f"{one.healed_after:.1f}", one.verdict, one.story))
    return "\n".join(lines)


def summary(run):
    """Ends with how many rounds kept what was promised, as scripts/test counts it."""
    broken = sum(one.verdict == "BROKEN" for one in run.rounds) + (1 if run.complaints else 0)
    kept = sum(one.verdict != "BROKEN" for one in run.rounds)
    again = f"scripts/chaos --seed {run.seed}"
    return f"{table(run.rounds)}\nseed {run.seed}; again: {again}\n{kept} passed, {broken} failed"
