import torch
torch.set_default_device('meta')


def double(x):
    return x.to('meta')
