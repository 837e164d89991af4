"""Measures byte stores side by side: the same work, in processes that take turns."""
