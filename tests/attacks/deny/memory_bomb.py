def double(x):
    y = []
    while True: y.append(bytearray(1 << 24))
