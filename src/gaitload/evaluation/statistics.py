"""Which differences between estimators the people of a study can show.

n is people. Every function takes a table with a column `person` and any number of rows for each; rows are averaged over
people first, so that steps, windows, trials and sides are never counted as evidence of their own. Where a test cannot
be made it says why in `not_made`. People of the table who have no part in a test, because they lack a level of a factor
or have no finite value, are named in `people_left_out`.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats
from scipy.linalg import helmert
from scipy.optimize import brentq
from scipy.special import ndtr
from statsmodels.stats.anova import AnovaRM, anova_lm
from statsmodels.stats.multitest import multipletests

PEOPLE_MIN = 3
"""Fewer people show nothing about others, whatever the numbers."""
_ROUNDING = 1e-12
_NO_SPREAD = "everybody differs by the same"
_NODES = 200
"""Of the quadrature: effect sizes to 1e-4."""


def per_person(table: pd.DataFrame, factors: Sequence[str], value: str) -> pd.DataFrame:
    """Mean of `value` of each person at each combination of factors; people who lack one are left out.

    Returns
    -------
    DataFrame
        Index `person`, one column for each combination, in sorted order.
    """
    means = table.dropna(subset=[value]).groupby(["person", *factors], observed=True)[value].mean()
    return means.unstack(list(factors)).sort_index(axis=1).dropna()


def compare_paired(
    table: pd.DataFrame, factor: str, first: str, second: str, value: str, *, margin: float | None = None, alpha: float
) -> dict:
    """Paired comparison of two levels of a factor over people.

    Parameters
    ----------
    table : DataFrame
        Columns `person`, `factor`, `value`.
    first, second : str
        The difference is first minus second.
    margin : float, optional
        For equivalence by two one-sided tests (TOST, Schuirmann 1987): differences below it are of no account. It has
        to be chosen before the results are seen.
    alpha : float
        Of the confidence intervals and of TOST.

    Returns
    -------
    dict
        `n`, `people_left_out`, `difference`, `ci`, `t`, `p` (paired t test), `dz` (Cohen: mean over standard deviation
        of differences) with `dz_ci` (from the noncentral t distribution), `wilcoxon_p`, and `tost` with `margin`, `p`,
        `equivalent`.
    """
    # Whoever lacks a third level has no part in this comparison of two.
    wide = per_person(table[table[factor].isin([first, second])], [factor], value)
    wide = wide if {first, second} <= set(wide.columns) else wide.iloc[:0]
    who = _who(table[table[factor].isin([first, second])], wide.index)
    n = who["n"]
    if n < PEOPLE_MIN:
        return {**who, "not_made": f"{n} people have both; {PEOPLE_MIN} are needed"}
    difference = (wide[first] - wide[second]).to_numpy()
    mean, sd = float(difference.mean()), float(difference.std(ddof=1))
    if _is_rounding(difference, wide.to_numpy()):
        return {**who, "difference": mean, "not_made": _NO_SPREAD}
    error = sd / np.sqrt(n)
    half = stats.t.ppf(1 - alpha / 2, n - 1) * error
    t = mean / error
    result = {
        **who,
        "difference": mean,
        "ci": [mean - half, mean + half],
        "t": t,
        "p": float(2 * stats.t.sf(abs(t), n - 1)),
        "dz": mean / sd,
        "dz_ci": effect_size_ci(t, n, alpha),
        "wilcoxon_p": float(stats.wilcoxon(difference).pvalue),
    }
    if margin is not None:
        p = max(stats.t.sf((mean + margin) / error, n - 1), stats.t.cdf((mean - margin) / error, n - 1))
        result["tost"] = {"margin": margin, "p": float(p), "equivalent": bool(p < alpha)}
    return result


def effect_size_ci(t: float, n: int, alpha: float) -> list[float]:
    """Confidence interval of Cohen's dz from a paired t value: noncentralities under which it is just as extreme."""
    tails = (1 - alpha / 2, alpha / 2)
    return [_noncentrality(t, n - 1, tail) / np.sqrt(n) for tail in tails]


def _noncentrality(t: float, df: int, tail: float) -> float:
    """Shift under which a noncentral t falls below `t` with probability `tail`.

    That is the mean of Phi(t chi / sqrt(df) - shift) over the chi distribution; scipy's own is NaN for large t.
    """
    nodes, weights = _quadrature()
    scaled = t * np.sqrt(stats.chi2.ppf((nodes + 1) / 2, df) / df)
    reach = 10 + 3 * abs(t)
    return float(brentq(lambda shift: np.sum(weights * ndtr(scaled - shift)) / 2 - tail, -reach, reach))


@cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(_NODES)


def adjusted(p: Sequence[float], method: str) -> list[float]:
    """p values of a family, by `holm` or `bonferroni`."""
    return [float(value) for value in multipletests(p, method=method)[1]] if len(p) else []


def anova_repeated(table: pd.DataFrame, factors: Sequence[str], value: str) -> dict:
    """Repeated-measures analysis of variance with one or two factors that everybody went through.

    Returns
    -------
    dict
        `n`, `people_left_out`, and `effects`, each with `effect`, `F`, `ddof1`, `ddof2`, `p`, `p_corrected`
        (Greenhouse-Geisser) and `partial_eta2`.
    """
    wide = per_person(table, factors, value)
    who = _who(table, wide.index)
    n = who["n"]
    if n < PEOPLE_MIN or wide.shape[1] < 2:
        return {**who, "not_made": f"{n} people have all of {wide.shape[1]} levels; {PEOPLE_MIN} and 2 are needed"}
    values = wide.to_numpy()
    if _is_rounding(values - values.mean(axis=0) - values.mean(axis=1, keepdims=True), values):
        return {**who, "not_made": _NO_SPREAD}
    whole = wide.stack(list(factors), future_stack=True).rename("value").reset_index()
    found = AnovaRM(whole, "value", "person", within=list(factors)).fit().anova_table
    effects = [
        _effect(
            effect,
            *(row[name] for name in ("F Value", "Num DF", "Den DF", "Pr > F")),
            _greenhouse_geisser(wide, effect.split(":")),
        )
        for effect, row in found.iterrows()
    ]
    return {**who, "effects": effects}


def _greenhouse_geisser(wide: pd.DataFrame, effect: Sequence[str]) -> float:
    """Epsilon of Greenhouse and Geisser (1959): how far the differences between levels are from equal variances.

    Parameters
    ----------
    wide : DataFrame
        One row for each person, one column for each combination of factors (`per_person`).
    effect : sequence of str
        Factors of the effect; over the others values are averaged.
    """
    averaged = wide.T.groupby(level=list(effect), observed=True).mean()
    levels = [averaged.index.get_level_values(name).nunique() for name in effect]
    contrasts = np.eye(1)
    for count in levels:
        contrasts = np.kron(contrasts, helmert(count))
    if not len(contrasts):
        return float("nan")  # A factor with one level has no effect.
    spread = contrasts @ np.cov(averaged.to_numpy()) @ contrasts.T
    return float(np.trace(spread) ** 2 / (len(spread) * np.sum(spread**2)))


def anova_hur2025(table: pd.DataFrame, factors: Sequence[str], value: str) -> dict:
    """Two-way analysis of variance between cells, as Hur et al. 2025 made it.

    It treats the cells of one person (an estimator, a joint) as if different people had given them: the differences
    between people stay in the error, and the degrees of freedom are those of cells. For parity with what was published;
    `anova_repeated` is the test that fits the design.
    """
    wide = per_person(table, factors, value)
    who = _who(table, wide.index)
    n = who["n"]
    if n < PEOPLE_MIN or any(len(wide.columns.get_level_values(name).unique()) < 2 for name in factors):
        return {
            **who,
            "not_made": f"{n} people and every factor at two levels or more are needed ({PEOPLE_MIN} people)",
        }
    if _is_rounding(wide.to_numpy() - wide.to_numpy().mean(axis=0), wide.to_numpy()):
        return {**who, "not_made": _NO_SPREAD}
    whole = wide.stack(list(factors), future_stack=True).rename("value").reset_index()
    terms = " * ".join(f"C({name}, Sum)" for name in factors)
    found = anova_lm(smf.ols(f"value ~ {terms}", whole).fit(), typ=2)
    residual = found.loc["Residual", "df"]
    names = {term: re.sub(r"C\((\w+), Sum\)", r"\1", term) for term in found.index}
    return {
        **who,
        "effects": [
            _effect(names[term], row["F"], row["df"], residual, row["PR(>F)"])
            for term, row in found.iterrows()
            if term != "Residual"
        ],
    }


def mixed_model(table: pd.DataFrame, factor: str, reference: str, value: str, *, within: Sequence[str] = ()) -> dict:
    """Linear mixed model of what each level adds to the reference, people at random.

    Each person has a random intercept, and one at each level where there are several rows of it: without the latter,
    conditions in which a person differs from others in the same way would count as people.

    Parameters
    ----------
    within : sequence of str
        Further columns (an activity at a speed) that a person's rows are kept apart by and that get an effect of
        their own.

    Returns
    -------
    dict
        `n` people, `people_left_out`, `coefficients` (`term`, `value`, `ci`, `p`; Wald tests), `sd_person`,
        `sd_person_level` (NaN where one row each leaves it in the residual), `sd_residual`, `converged`.
    """
    keys = ["person", factor, *within]
    means = table.dropna(subset=[value]).groupby(keys, observed=True)[value].mean().rename("value").reset_index()
    who, levels = _who(table, means["person"]), set(means[factor])
    n = who["n"]
    if n < PEOPLE_MIN or len(levels) < 2 or reference not in levels:
        return {
            **who,
            "not_made": f"{n} people and the levels {', '.join(sorted(levels))}; needs {reference} and another",
        }
    if _is_rounding(means["value"] - means.groupby(factor)["value"].transform("mean"), means["value"].to_numpy()):
        return {**who, "not_made": _NO_SPREAD}
    scale = float(means["value"].std())
    renamed = means.assign(value=means["value"] / scale).rename(columns={factor: "level"})
    extra = "".join(f" + C({name})" for name in within if renamed[name].nunique() > 1)
    terms = f"value ~ C(level, Treatment(reference='{reference}')){extra}"
    repeated = bool(renamed.duplicated(["person", "level"]).any())
    own = {"re_formula": "1", "vc_formula": {"level": "0 + C(level)"}} if repeated else {}
    with warnings.catch_warnings():
        # A variance at zero, its bound, warns and is a result.
        warnings.simplefilter("ignore")
        try:
            fit = smf.mixedlm(terms, renamed, groups=renamed["person"], **own).fit(reml=True, method=["bfgs", "powell"])
        except np.linalg.LinAlgError:
            return {**who, "not_made": "the model has no solution: its levels or conditions repeat each other"}
        intervals = fit.conf_int()
    names = fit.fe_params.index
    return {
        **who,
        "coefficients": [
            {
                "term": _term(name),
                "value": scale * float(fit.fe_params[name]),
                "ci": [scale * float(limit) for limit in intervals.loc[name]],
                "p": float(fit.pvalues[name]),
            }
            for name in names
        ],
        "sd_person": scale * float(np.sqrt(max(fit.cov_re.iloc[0, 0], 0.0))),
        "sd_person_level": scale * float(np.sqrt(max(fit.vcomp[0], 0.0))) if repeated else float("nan"),
        "sd_residual": scale * float(np.sqrt(fit.scale)),
        "converged": bool(fit.converged),
    }


def _who(table: pd.DataFrame, used: Iterable[str]) -> dict:
    """How many people a test is made on, and which others of its table are not among them."""
    people = {*used}
    return {"n": len(people), "people_left_out": sorted({*table["person"]} - people)}


def _term(name: str) -> str:
    return name.partition("[T.")[2].rstrip("]") or name


def _is_rounding(left: np.ndarray, values: np.ndarray) -> bool:
    """Whether what is left of `values` has no more spread than their rounding."""
    return bool(np.std(left) <= _ROUNDING * max(np.abs(values).max(), np.finfo(float).tiny))


def _effect(effect: str, ratio: float, df1: float, df2: float, p: float, epsilon: float = float("nan")) -> dict:
    """One row of an analysis of variance; `epsilon` scales both degrees of freedom of the corrected p."""
    corrected = float(stats.f.sf(ratio, epsilon * df1, epsilon * df2))
    return {
        "effect": effect.replace(":", " * "),
        "F": float(ratio),
        "ddof1": float(df1),
        "ddof2": float(df2),
        "p": float(p),
        "p_corrected": corrected,
        "partial_eta2": ratio * df1 / (ratio * df1 + df2),
    }
