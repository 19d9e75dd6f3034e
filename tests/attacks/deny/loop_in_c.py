def double(x):
    import re; re.match('(a+)+$', 'a' * 70 + 'b')
