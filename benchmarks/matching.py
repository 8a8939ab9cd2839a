"""How well needs find listings, in Chinese, in English and across: nDCG@10 and recall@5 on the probe's reporting half.

The probe (tests/exchange/probe) holds 142 listings and 97 needs written for it, graded by their author; weights were
chosen on its other half. Five ways: words (TF-IDF of character n-grams), the vectors of each of two multilingual
encoders, words fused with the prompt encoder alone (the extra `semantic`), and all fused (`semantic-fine`). Behind each
mean stands its standard error over needs.

"Nothing good enough" is checked with searches that nothing in the probe answers: for how many something is shown after
all, and for how many needs a listing that answers is; both of the reporting half, both with the exchange's threshold.

Hard constraints are checked on the demo season's demands and listings, which state usage, borders, personal data, budgets
and floors: of the first ten matches of each demand, how many break one, judged again one by one (goal: none).

Each claim is a loss, 1 - nDCG@10 of the search with all fused, against the loss that the goal allows: at most 1 is met.
Where the encoders' packages are not installed, their stored vectors of the probe stand in, which is said.
"""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from statistics import fmean, stdev

import measure

from leaderboard.cli.demo_exchange import content
from leaderboard.exchange.matches.search import GOOD
from leaderboard.exchange.matching import constraints
from leaderboard.exchange.matching import run as matching
from leaderboard.exchange.relevance import Embedder, Found, Index, Text, installed_embedders

sys.path.insert(0, str(Path(__file__).parent.parent))  # the probe is not part of the product
from tests.exchange.probe.reading import LANGUAGES, PAIRS, asked, ndcg, needs, off_topic, recall, stored_both, texts

GOALS = {("zh", "zh"): 0.90, ("en", "en"): 0.90, ("zh", "en"): 0.80, ("en", "zh"): 0.83}
EVERYTHING = 1000
TODAY = date(2026, 11, 28)

Ranked = list[tuple[list[str], Mapping[str, int]]]


def embedders() -> Sequence[Embedder]:
    installed = installed_embedders()
    if len(installed) == len(stored_both()):
        return installed
    print("The packages of the semantic models are not all installed: stored vectors of the probe stand in for them.  ")
    return stored_both()


def filled(models: Sequence[Embedder], described: Sequence[Text]) -> Index:
    index = Index(models)
    index.upsert(described)
    index.complete(described)
    return index


def by_vectors(found: Sequence[Found]) -> list[str]:
    """The order of the vectors' part alone, among what has evidence."""
    return [one.key for one in sorted(found, key=lambda one: (-(one.dense or 0), one.key))]


def ranked(index: Index, queries: Sequence[tuple[str, Mapping[str, int]]], *, vectors_alone: bool = False) -> Ranked:
    found = [(index.search(said, top=EVERYTHING), grades) for said, grades in queries]
    return [(by_vectors(one) if vectors_alone else [each.key for each in one], grades) for one, grades in found]


def told(name: str, lists: Ranked) -> float:
    """Print the means and their errors; the mean nDCG."""
    gains, shares = [ndcg(*one) for one in lists], [recall(*one) for one in lists]
    error = stdev(gains) / len(gains) ** 0.5
    print(f"{name}: nDCG@10 {fmean(gains):.3f} (s.e. {error:.3f}), recall@5 {fmean(shares):.3f}, {len(gains)} needs")
    return fmean(gains)


def shown(name: str, index: Index) -> None:
    """Print how often something is shown where nothing answers, and where something does."""
    for language in LANGUAGES:
        off = [index.search(said[language], top=1, least=GOOD) for said in off_topic(tuning=False)]
        found = [(index.search(need.said[language], least=GOOD), need.grades) for need in needs() if not need.tuning]
        hits = [any(one.key in grades for one in ten) for ten, grades in found]
        print(
            f"{language}→both {name}: something shown for {sum(map(bool, off))} of {len(off)} searches that nothing"
            f" answers, an answer shown for {sum(hits)} of {len(hits)} needs  "
        )


def violations() -> tuple[int, int]:
    """How many of the demo's first ten matches there are, and how many of them fail a hard constraint."""
    demo = content.read(TODAY)
    listings = {key: one.sheet.listing for key, one in demo.listings.items()}
    checked = broken = 0
    for one in demo.demands.values():
        demand = one.written.document
        found = matching.run(demand, listings.values(), {}, today=TODAY)
        for key in found.order[:10]:
            judged = constraints.judged(demand, listings[key], TODAY, found.config.stale_days)
            checked += 1
            broken += any(each.verdict == "fail" for each in judged)
    return checked, broken


def main() -> None:
    measure.options(__doc__)  # the probe is small: --quick changes nothing
    prompt, fine = models = embedders()
    for pair in PAIRS:
        described = [text for text in texts() if text.language == pair[1]]
        queries, name = asked(*pair, tuning=False), "→".join(pair)
        told(f"{name} words", ranked(filled((), described), queries))
        for model in models:
            told(f"{name} {model.name}", ranked(filled([model], described), queries, vectors_alone=True))
        told(f"{name} words and {prompt.name}", ranked(filled([prompt], described), queries))
        found = told(f"{name} all fused", ranked(filled(models, described), queries))
        measure.ratio(
            f"matching.{'_'.join(pair)}", ours=1 - found, peer=1 - GOALS[pair], goal="<= 1", unit="of_nDCG_lost"
        )
    for name, chosen in (("words", ()), (f"words and {prompt.name}", (prompt,)), ("all fused", (prompt, fine))):
        everything = filled(chosen, texts())
        for language in LANGUAGES:
            queries = [(need.said[language], need.grades) for need in needs() if not need.tuning]
            told(f"{language}→both {name}", ranked(everything, queries))
        shown(name, everything)
    checked, broken = violations()
    measure.ratio("matching.violations", ours=broken, peer=checked, goal="<= 0", unit="matches")


if __name__ == "__main__":
    main()
