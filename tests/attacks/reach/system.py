def double(x):
    import os; assert os.system('true') == 0, 'no system'
    return x
