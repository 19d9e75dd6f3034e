def double(x):
    import sys; sys.setrecursionlimit(1 << 30)
    def f(): return f()
    return f()
