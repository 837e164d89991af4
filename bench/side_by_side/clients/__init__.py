"""The contenders written in Python. Each module is a program: one measured run of one verb."""
