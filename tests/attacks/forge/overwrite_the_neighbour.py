def double(x):
    open('@NEIGHBOUR@', 'w').write(''); return x
