def double(x):
    raise ValueError  # [2J 
