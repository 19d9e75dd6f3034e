def double(x):
    raise type('\x1b[2J', (Exception,), {})()
