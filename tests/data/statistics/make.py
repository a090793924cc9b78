#!/usr/bin/env python3
"""Makes the data sets in this folder and what scipy and R say of them, for tests/unit/statistics_test.cpp.

Not run by the build: the files are data. They were made with

    /usr/bin/python3 tests/data/statistics/make.py

on Debian 12 with python3-scipy 1.10.1, python3-numpy 1.24.2 and r-base-core 4.2.2. Each NN.json holds

    name         what the data are like
    a, b         pairs
    student      of a - b: mean, sd, the t interval and p value, by scipy.stats (describe, t.interval, ttest_rel)
    r            the same by R's t.test(a, b, paired = TRUE), to 17 digits
    bca          scipy.stats.bootstrap(a - b, mean, method="BCa") with 999 999 resamples
    welch        of a and b unpaired: scipy.stats.ttest_ind(equal_var=False) and R's interval
    confidence   of all intervals

and holm.json p values with R's p.adjust(p, "holm").
"""
import json
import pathlib
import subprocess

import numpy as np
import scipy
from scipy import stats

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(20261123)


def normal(n, shift, sd=1.0, mean=30.0, common=2.0):
    world = rng.normal(mean, common, n)  # what both of a pair face
    return world + rng.normal(shift, sd, n), world + rng.normal(0, sd, n)


def skewed(n, shift):
    return rng.lognormal(0, 1, n) + shift, rng.lognormal(0, 1, n)


def sets():
    for n in (3, 4, 5, 8, 10, 20, 30, 50):
        yield f"normal pairs, n = {n}", *normal(n, 0.7)
    for n in (5, 10, 20, 50):
        yield f"lognormal, n = {n}", *skewed(n, 0.5)
    yield "no difference, n = 10", *normal(10, 0)
    yield "counts with many ties, n = 12", rng.poisson(3, 12).astype(float), rng.poisson(2, 12).astype(float)
    yield "zero but for two pairs, n = 15", *(lambda b: (b + np.eye(15)[3] * 4 + np.eye(15)[9] * 2, b))(rng.integers(5, 9, 15).astype(float))
    yield "deviation 1e-9 of the mean, n = 10", *normal(10, 1e-8, 1e-9, 1.0, 0.0)
    yield "mean of 1e6 deviations, n = 10", *normal(10, 3e-3, 1e-3, 1e3, 0.0)
    # Farther out, the means of resamples have a mode for each time that it is drawn, the interval ends between two of these, and
    # scipy's own ends differ from seed to seed by a quarter of the interval.
    yield "one outlier, n = 10", *(lambda a, b: (np.append(a[:9], a[9] + 5), b))(*normal(10, 1))
    yield "unequal variances, n = 25", rng.normal(5, 4, 25), rng.normal(4, 0.2, 25)
    yield "tiny values, n = 7", rng.exponential(3e-9, 7), rng.exponential(1e-9, 7)


def in_r(script):
    out = subprocess.run(["Rscript", "--vanilla", "-e", script], check=True, capture_output=True, text=True).stdout
    return [float(word) for word in out.split()]


def vector(values):
    return "c(" + ",".join(repr(float(v)) for v in values) + ")"


for number, (name, a, b) in enumerate(sets(), 1):
    confidence = (0.95, 0.90, 0.99)[number % 3] if number > 8 else 0.95
    d = a - b
    n = len(d)
    mean, sd = stats.describe(d).mean, stats.describe(d).variance ** 0.5
    interval = stats.t.interval(confidence, n - 1, loc=mean, scale=sd / n**0.5)
    bca = stats.bootstrap((d,), np.mean, confidence_level=confidence, n_resamples=999_999, batch=20_000, method="BCa",
                          random_state=np.random.default_rng(number)).confidence_interval
    paired = in_r(f"t <- t.test({vector(a)}, {vector(b)}, paired = TRUE, conf.level = {confidence});"
                  "cat(sprintf('%.17g', c(t$estimate, t$conf.int, t$p.value)))")
    unpaired = in_r(f"t <- t.test({vector(a)}, {vector(b)}, conf.level = {confidence});"
                    "cat(sprintf('%.17g', c(t$conf.int, t$p.value)))")
    (here / f"{number:02}.json").write_text(json.dumps({
        "name": name, "made_with": f"scipy {scipy.__version__}, numpy {np.__version__}, R", "confidence": confidence,
        "a": a.tolist(), "b": b.tolist(),
        "student": {"mean": mean, "sd": sd, "low": interval[0], "high": interval[1], "p": stats.ttest_rel(a, b).pvalue},
        "r": dict(zip(("mean", "low", "high", "p"), paired)),
        "bca": {"low": bca.low, "high": bca.high},
        "welch": {"low": unpaired[0], "high": unpaired[1], "p": unpaired[2],
                  "p_scipy": stats.ttest_ind(a, b, equal_var=False).pvalue},
    }, indent=1) + "\n")

families = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.9], rng.beta(0.4, 3, 20).tolist()]
(here / "holm.json").write_text(json.dumps(
    [{"p": p, "adjusted": in_r(f"cat(sprintf('%.17g', p.adjust({vector(p)}, 'holm')))")} for p in families], indent=1) + "\n")
