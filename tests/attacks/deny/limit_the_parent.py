def double(x):
    import resource; resource.prlimit(@PARENT@, resource.RLIMIT_CPU, (1, 1))
