def double(x):
    y = x
    for _ in range(100_000): y = [y]
    return y
