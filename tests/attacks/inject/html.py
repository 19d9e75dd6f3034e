def double(x):
    raise ValueError('<script>alert(1)</script>')
