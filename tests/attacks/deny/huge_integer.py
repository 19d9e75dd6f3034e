def double(x):
    return 1 << (1 << 24)
