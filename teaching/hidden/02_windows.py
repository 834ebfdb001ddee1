# %% 2
for _ in range(30):
    ask(count_windows, *(int(rng.integers(*of)) for of in ((0, 2000), (2, 300), (1, 200))))

# %% 3
for size in (1, 3, 7, 11):
    ask(median_filter, others(1)[0, :, 0], size)

# %% 4
for stride in (16, 32, 64, 128):
    ask(join, signals.sliding_windows(rng.normal(size=(128 + 6 * stride, 2)), 128, stride), stride)

# %% 5
for n in (12, 40):
    where = {"recording": rng.integers(1, 4, n), "start": rng.integers(0, 20, n) * 64}
    shuffled = rng.permutation(n)
    ask(seen, pd.DataFrame(where), shuffled[: n // 2], shuffled[n // 2 :])
