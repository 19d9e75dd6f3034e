def double(x):
    return type('\x1b[2J', (), {})()
