import os, struct


def double(x):
    os.write(3, struct.pack('<I', 5) + b'ready'); return x
