def double(x):
    while True: print('x' * 100_000, flush=True)
