"""What counts as having ended lately, for the jobs that are read and for the words that tell of them."""

from datetime import timedelta

RUNS_THAT_ENDED = 10
"""Of each repository the jobs of so many runs are read, those that were started last; and of each that is seen to
end."""
ENDED_WITHIN = timedelta(hours=2)
"""What ended longer ago is not kept."""
