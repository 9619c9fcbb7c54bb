# A program that only refuses, and properly: the sweep must find nothing.
# Its one write is its message, whose loss is nobody's fault.
start    {bin}/fault-sloppy
expect   2
exits    2
