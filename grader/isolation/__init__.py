"""The untrusted face: the student's module runs in a confined child, and only frames of plain data come back.

Trusted side: proxy, levels, filters. Child's side: warm, child, confine, landlock. Both: wire, channel. Linux only;
nothing here is imported before isolation is asked for.
"""
