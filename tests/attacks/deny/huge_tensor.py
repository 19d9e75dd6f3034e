def double(x):
    import torch; return torch.zeros(1 << 26)
