def double(x):
    x.zero_()
    return x.clone()
