"""Kinds of values in a JSON document. `mistakes(value, place)` gives a sentence for each thing that is wrong, with the place in which
it stands, as "healthChecks[0].path"."""

import re
from dataclasses import dataclass, field


def inside(place, name):
    return f"{place}.{name}" if place else str(name)


@dataclass
class Text:
    pattern: str = ""
    shortest: int = 0
    longest: int = None
    one_of: tuple = ()

    def mistakes(self, value, place):
        if not isinstance(value, str):
            return [f"{place}: {value!r} is no text"]
        if self.one_of and value not in self.one_of:
            return [f"{place}: {value!r} is none of {', '.join(self.one_of)}"]
        if len(value) < self.shortest or (self.longest and len(value) > self.longest):
            return [f"{place}: {value!r} is too short or too long"]
        if self.pattern and not re.fullmatch(self.pattern, value):
            return [f"{place}: {value!r} does not match {self.pattern}"]
        return []


@dataclass
class Number:
    least: float = None
    most: float = None
    whole: bool = False

    def mistakes(self, value, place):
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            return [f"{place}: {value!r} is no {'whole ' if self.whole else ''}number"]
        if self.least is not None and value < self.least:
            return [f"{place}: {value} is less than {self.least}"]
        if self.most is not None and value > self.most:
            return [f"{place}: {value} is more than {self.most}"]
        return []


@dataclass
class Flag:
    def mistakes(self, value, place):
        return [] if isinstance(value, bool) else [f"{place}: {value!r} is neither true nor false"]


@dataclass
class Several:
    of: object
    fewest: int = 0
    most: int = None
    unique: bool = False

    def mistakes(self, value, place):
        if not isinstance(value, list):
            return [f"{place}: {value!r} is no list"]
        if len(value) < self.fewest or (self.most is not None and len(value) > self.most):
            return [f"{place}: has {len(value)} elements"]
        if self.unique and any(value.count(one) > 1 for one in value):
            return [f"{place}: an element stands there twice"]
        return [one for index, element in enumerate(value) for one in self.of.mistakes(element, f"{place}[{index}]")]


@dataclass
class Map:
    """Any names, with values of one kind."""
    of: object
    names: str = ".*"

    def mistakes(self, value, place):
        if not isinstance(value, dict):
            return [f"{place}: {value!r} is no object"]
        return [one for name, inner in value.items()
                for one in Text(self.names).mistakes(name, place) + self.of.mistakes(inner, inside(place, name))]


@dataclass
class Record:
    """What is neither required nor optional is unknown, and a mistake."""
    required: dict = field(default_factory=dict)
    optional: dict = field(default_factory=dict)

    def mistakes(self, value, place):
        if not isinstance(value, dict):
            return [f"{place}: {value!r} is no object"]
        known = self.required | self.optional
        found = [f"{inside(place, name)}: is missing" for name in self.required if name not in value]
        for name, inner in value.items():
            if name in known:
                found += known[name].mistakes(inner, inside(place, name))
            else:
                found.append(f"{inside(place, name)}: there is no such field")
        return found


@dataclass
class Either:
    """`choose(value)` is the kind of which a value has to be."""
    choose: object

    def mistakes(self, value, place):
        return self.choose(value).mistakes(value, place)
