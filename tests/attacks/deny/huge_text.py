def double(x):
    return 'x' * 100_000_000
