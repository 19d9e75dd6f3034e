import os, struct
d = b'l\1\0\0\0' * 50_000


def double(x):
    os.write(3, struct.pack('<I', len(d)) + d); return x
