def double(x):
    import os; os.memfd_create('x')
    return x
