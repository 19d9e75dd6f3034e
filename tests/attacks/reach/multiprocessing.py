def double(x):
    import multiprocessing as m; p = m.Process(target=print); p.start(); p.join()
    return x
