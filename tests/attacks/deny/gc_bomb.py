def double(x):
    class G:
        def __del__(self):
            while True: pass
    G(); return x
