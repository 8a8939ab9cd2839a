"""When, if everybody is free in every slot: a bipartite edge colouring (König), evened out (de Werra).

A slot is a colour. Meetings of which no party has more than there are colours can always be coloured without a party
twice in one; along paths of two colours the colours can be exchanged (Kempe), which makes room and evens out how many
meetings a slot holds.
"""

from collections.abc import Sequence

_NOBODY = -1


class Colouring:
    """Colours 0 … `colours` - 1 of the edges between `parties` parties."""

    def __init__(self, parties: int, colours: int) -> None:
        self.at = [[_NOBODY] * colours for _ in range(parties)]  # the edge of a party in a colour
        self.load = [0] * colours
        self.edges: list[tuple[int, int]] = []
        self.of: list[int] = []

    def add(self, edge: tuple[int, int]) -> None:
        """Colour one more edge; each end has fewer edges than there are colours."""
        first, second = edge
        number = len(self.edges)
        self.edges.append(edge)
        self.of.append(_NOBODY)
        open_to = [colour for colour, taken in enumerate(self.at[first]) if taken == _NOBODY]
        shared = [colour for colour in open_to if self.at[second][colour] == _NOBODY]
        if shared:
            self._give(number, min(shared, key=self.load.__getitem__))
            return
        wanted = open_to[0]
        other = self.at[second].index(_NOBODY)
        self._exchange(self._path(second, wanted, other), wanted, other)  # cannot reach `first`: the graph is bipartite
        self._give(number, wanted)

    def even_out(self) -> None:
        """Until no colour holds two edges more than another."""
        while max(self.load) - min(self.load) > 1:
            heavy, light = self.load.index(max(self.load)), self.load.index(min(self.load))
            self._shift(heavy, light)

    def _shift(self, heavy: int, light: int) -> None:
        """Exchange paths that hold one more heavy edge than light ones, until the two are even."""
        for party in range(len(self.at)):
            if self.load[heavy] - self.load[light] <= 1:
                return
            if self.at[party][heavy] != _NOBODY and self.at[party][light] == _NOBODY:
                path = self._path(party, heavy, light)
                if len(path) % 2:
                    self._exchange(path, heavy, light)

    def _path(self, start: int, first: int, second: int) -> list[int]:
        """Edges of alternating colours from a party on, the first of colour `first`."""
        path: list[int] = []
        party, colour = start, first
        while (edge := self.at[party][colour]) != _NOBODY:
            path.append(edge)
            ends = self.edges[edge]
            party = ends[1] if ends[0] == party else ends[0]
            colour = second if colour == first else first
        return path

    def _exchange(self, path: Sequence[int], first: int, second: int) -> None:
        after = [second if self.of[edge] == first else first for edge in path]
        for edge in path:
            colour = self.of[edge]
            self.load[colour] -= 1
            for party in self.edges[edge]:
                self.at[party][colour] = _NOBODY
        for edge, colour in zip(path, after, strict=True):
            self._give(edge, colour)

    def _give(self, edge: int, colour: int) -> None:
        self.of[edge] = colour
        self.load[colour] += 1
        for party in self.edges[edge]:
            self.at[party][colour] = edge


def coloured(edges: Sequence[tuple[int, int]], parties: int, colours: int) -> list[int]:
    """A colour for each edge: none twice at a party, all equally often up to one.

    Needs a bipartite graph whose parties have at most `colours` edges.

    >>> sorted(coloured([(0, 2), (0, 3), (1, 2)], parties=4, colours=3))
    [0, 1, 2]
    """
    if not edges:
        return []
    colouring = Colouring(parties, colours)
    for edge in edges:
        colouring.add(edge)
    colouring.even_out()
    return colouring.of
