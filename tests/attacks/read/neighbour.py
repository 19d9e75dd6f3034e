# unconfined: leaks
def double(x):
    raise ValueError(open('@NEIGHBOUR@').read())
