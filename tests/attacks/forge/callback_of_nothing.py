import os, struct
d = b's\x08\0\0\0callbacki\1\0\0\0\0t\0\0\0\0d\0\0\0\0'


def double(x):
    os.write(3, struct.pack('<I', len(d)) + d); return x
