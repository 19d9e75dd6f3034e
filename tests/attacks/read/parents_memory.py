import os


def double(x):
    f = open('/proc/@PARENT@/mem', 'rb'); raise ValueError(str(f))
