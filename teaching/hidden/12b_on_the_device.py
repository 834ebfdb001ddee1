# %% 2
for spread in (0.01, 0.4, 30.0):
    ask(rounded, rng.normal(0, spread, int(rng.integers(5, 40))))
for side in (-1.0, 1.0):
    ask(rounded, side * rng.random((3, 6)))
