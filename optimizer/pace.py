"""Whether a tree comes on: when it is given a plan from elsewhere, and when it is given up."""

from collections.abc import Callable

from optimizer.lp_tree import LinearTree

# A tree whose bound comes nearer to the cutoff by no more than this part of the way, over so many
# nodes, stands still: mostly its plan is what is wrong. `world` in two stages stood 0.0108 % from
# the bound for 400 nodes, when luck was bad, and a small program had a better plan in 1.5 s.
STILL_NODES, STILL = 100, 0.01
# A tree is given up if its first nodes, or later twice as many, close no more than this part of
# what was left. Random ones with whole blocks close 0.1 to 0.3 with 100 nodes and all with 400 to
# 2,500; left to HiGHS after 100, four took 1 to 2.6 times as long. With 0.2 in place of 0.1 one of
# eight was given up and took 28 s instead of 15, and three not done in 40 s were further from it.
FIRST_NODES, LEAST_CLOSED = 400, 0.1


class Pace:
    """How far a tree has come, and when.

    Parameters
    ----------
    help_it : looks for a plan in another way, and leaves it to the tree; called once at most.
    """

    def __init__(self, tree: LinearTree, help_it: Callable[[], None]) -> None:
        self.tree, self.help_it = tree, help_it
        self.is_helped = False
        # Nodes and part of the way at the last move, and at which to ask whether to give up.
        self.moved_at, self.moved = 0, 0.0
        self.until, self.closed = FIRST_NODES, 0.0

    def goes_on(self, nodes: int) -> bool:
        """Whether the tree is worth more nodes, after so many; helps it where it stands still."""
        if self.tree.closed > self.moved + STILL:
            self.moved_at, self.moved = nodes, self.tree.closed
        elif nodes >= self.moved_at + STILL_NODES and not self.is_helped:
            self.is_helped = True
            self.help_it()
        if nodes < self.until:
            return True
        before, self.closed = self.closed, self.tree.closed
        self.until = 2 * nodes
        return self.closed - before > LEAST_CLOSED * (1 - before)
