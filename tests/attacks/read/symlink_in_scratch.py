# unconfined: leaks
import os, tempfile


def double(x):
    link = os.path.join(tempfile.mkdtemp(), 'l'); os.symlink('@SOLUTION@', link)
    raise ValueError(open(link).read())
