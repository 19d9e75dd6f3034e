# unconfined: leaks
def double(x):
    raise ValueError(open('@SOLUTION@').read())
