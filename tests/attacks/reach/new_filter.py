def double(x):
    import ctypes; l = ctypes.CDLL(None); assert l.prctl(22, 1, 0, 0, 0) == 0, 'refused'
    return x
