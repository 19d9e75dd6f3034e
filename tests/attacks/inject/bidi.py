def double(x):
    raise ValueError('\u202egnp.exe')
