"""The same planning problems solved by Sitewatt and by others, in turn."""
