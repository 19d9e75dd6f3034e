def double(x):
    import torch
    y = []
    while True: y.append(torch.ones(1 << 22))
