def double(x):
    raise ValueError('x' * (1 << 26))
