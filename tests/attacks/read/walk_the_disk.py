# unconfined: leaks
import os


def double(x):
    found = []
    for folder, _, files in os.walk(os.path.dirname('@SOLUTION@')):
        for name in files:
            try: found.append(open(os.path.join(folder, name)).read())
            except OSError: pass
    raise ValueError(repr(found))
