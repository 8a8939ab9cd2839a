"""Static files: addresses that change with the content, answers that browsers may keep."""

import httpx
import pytest

from leaderboard.ui.assets import Assets


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "app.css").write_text("body { color: red }")
    (tmp_path / "app.js").write_text('import { a } from "./part.js";\nimport("./late.js");\na("./part.js");\n')
    (tmp_path / "part.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "late.js").write_text("export const b = 2;\n")
    return tmp_path


def client(assets):
    return httpx.AsyncClient(transport=httpx.ASGITransport(assets), base_url="http://test")


def get(assets, path, method="GET", **headers):
    import asyncio

    async def ask():
        async with client(assets) as http:
            return await http.request(
                method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
            )

    return asyncio.run(ask())


def test_a_change_in_a_module_changes_the_address_of_all_that_import_it(folder):
    before = Assets.load(folder)
    (folder / "part.js").write_text("export const a = 2;\n")
    after = Assets.load(folder)
    assert before.url("part.js") != after.url("part.js")
    assert before.url("app.js") != after.url("app.js")
    assert before.url("app.css") == after.url("app.css")


def test_imports_are_linked_and_other_strings_are_not(folder):
    assets = Assets.load(folder)
    body = assets.body("app.js").decode()
    part, late = (assets.url(name).rpartition("/")[2] for name in ("part.js", "late.js"))
    assert f'from "./{part}"' in body
    assert f'import("./{late}")' in body
    assert 'a("./part.js")' in body


def test_circles_and_unknown_kinds_are_refused(folder):
    (folder / "part.js").write_text('import "./app.js";')
    with pytest.raises(ValueError, match=r"circle: app\.js -> part\.js -> app\.js"):
        Assets.load(folder)
    (folder / "part.js").write_text("")
    (folder / "font.woff2").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"font\.woff2"):
        Assets.load(folder)


def test_a_hashed_file_is_kept_for_ever_and_comes_compressed(folder):
    assets = Assets.load(folder)
    plain = get(assets, assets.url("part.js"), accept_encoding="identity")
    zipped = get(assets, assets.url("part.js"), accept_encoding="gzip")
    assert plain.status_code == zipped.status_code == 200
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["vary"] == "accept-encoding"
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.content == plain.content == (folder / "part.js").read_bytes()
    assert plain.headers["etag"] != zipped.headers["etag"]


def test_conditions_and_heads(folder):
    assets = Assets.load(folder)
    first = get(assets, assets.url("app.css"), accept_encoding="identity")
    again = get(assets, assets.url("app.css"), accept_encoding="identity", if_none_match=first.headers["etag"])
    head = get(assets, assets.url("app.css"), method="HEAD", accept_encoding="identity")
    assert (again.status_code, again.content) == (304, b"")
    assert head.headers["content-length"] == str(len(first.content))
    assert head.content == b""


def test_a_page_from_before_the_deployment_gets_the_file_of_today_but_may_not_keep_it(folder):
    answer = get(Assets.load(folder), "/static/app.0123456789ab.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/", "/static/none.css", "/static/app.css/x", "/static/..%2fapp.py", "/static/%00"]
)
def test_other_names_are_not_found(folder, path):
    assert get(Assets.load(folder), path).status_code == 404


def test_nothing_is_taken_in(folder):
    answer = get(Assets.load(folder), "/static/app.css", method="POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_our_own_files_load():
    assert {"app.css", "app.js", "live.js", "upload.js", "sprite.svg", "icon.svg"} <= set(Assets.load().names())
