"""Accounts over HTTP: coming in, one's own account, its tokens. Organizations and people are in ``routes_desk``."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from leaderboard.accounts import pages as made
from leaderboard.accounts import passwords, reset, routes_desk, service, sign_in, tokens
from leaderboard.accounts.access import CurrentActor, CurrentVisitor, act
from leaderboard.accounts.api import api
from leaderboard.accounts.forms import NO_STORE, REFUSALS, Done, Sent, Texts, again, attempt, trail
from leaderboard.accounts.sign_in import SignedIn
from leaderboard.core.i18n import N_
from leaderboard.core.web import SESSION_COOKIE, Held, Locale, ReadWork
from leaderboard.core.work import Resources
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import page, see_other
from leaderboard.ui.routes import local_address

__all__ = ["api", "pages"]

pages = APIRouter()
pages.include_router(routes_desk.pages)

OPEN, OWN, TOKEN = act("account.sign_in"), act("account.own"), act("token.own")
SIGN_IN: Final = (N_("Sign in"), None)
ACCOUNT: Final = (N_("My account"), "/account")
Next = Annotated[str, Query(alias="next", max_length=2000, description="the page to go on to")]


# Coming in


def _onward(request: Request, asked: str) -> RedirectResponse:
    """On to the page that somebody wanted to see, if it is one of ours; else the first page."""
    return RedirectResponse(local_address(asked), 303) if asked else see_other(request, "/")


def _signed(held: Resources, response: Response, signed: SignedIn, *, keep: bool) -> Response:
    """Gives the browser its key: until it closes, or for as long as an unused sign-in lasts."""
    response.set_cookie(
        SESSION_COOKIE,
        signed.key,
        max_age=held.settings.session_days * 86_400 if keep else None,
        path="/",
        secure=held.settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


def _sign_in_page(held: Resources, form: Form, onward: str, done: str = "") -> made.SignInPage:
    is_open = held.settings.registration == "open"
    return made.SignInPage(form, onward, held.settings.session_days, is_open, made.notice(done))


@pages.get("/{locale}/sign-in", dependencies=[OPEN])
def show_sign_in(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, onward: Next = "", done: Done = ""
) -> Response:
    if actor.person_id is not None:
        return _onward(request, onward)
    content = _sign_in_page(held, Form(), onward, done)
    return page(request, "accounts/sign_in.html", content, breadcrumbs=trail(request, SIGN_IN))


@pages.post("/{locale}/sign-in", dependencies=[OPEN])
def enter(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, visitor: CurrentVisitor, sent: Sent
) -> Response:
    try:
        signed = sign_in.sign_in(held, actor, visitor, email=sent["email"], password=sent["password"])
    except REFUSALS as error:
        content = _sign_in_page(held, Form.refused(sent, error), sent["next"])
        return again(request, "accounts/sign_in.html", content, error, trail(request, SIGN_IN))
    return _signed(held, _onward(request, sent["next"]), signed, keep=bool(sent["keep"]))


@pages.post("/{locale}/sign-out", dependencies=[OPEN])
def leave(request: Request, locale: Locale, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        sign_in.sign_out(work, actor)
    response = see_other(request, "/")
    response.delete_cookie(SESSION_COOKIE, path="/", secure=held.settings.secure_cookies, httponly=True, samesite="lax")
    return response


def _register_page(held: Resources, form: Form, onward: str) -> made.RegisterPage:
    return made.RegisterPage(form, onward, held.settings.registration == "open", passwords.SHORTEST)


@pages.get("/{locale}/register", dependencies=[act("account.register")])
def show_register(request: Request, locale: Locale, held: Held, actor: CurrentActor, onward: Next = "") -> Response:
    if actor.person_id is not None:
        return _onward(request, onward)
    content = _register_page(held, Form(), onward)
    return page(request, "accounts/register.html", content, breadcrumbs=trail(request, (N_("Register"), None)))


@pages.post("/{locale}/register", dependencies=[act("account.register")])
def join(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, visitor: CurrentVisitor, sent: Sent
) -> Response:
    values = {key: sent[key] for key in ("email", "name", "password")}
    try:
        signed = service.register(held, actor, visitor, **values, locale=sent["locale"] or locale)
    except REFUSALS as error:
        content = _register_page(held, Form.refused(sent, error), sent["next"])
        return again(request, "accounts/register.html", content, error, trail(request, (N_("Register"), None)))
    return _signed(held, _onward(request, sent["next"]), signed, keep=False)


# A forgotten password


@pages.get("/{locale}/password/forgotten", dependencies=[OPEN])
def show_forgotten(request: Request, locale: Locale, actor: CurrentActor, done: Done = "") -> Response:
    content = made.ForgottenPage(Form(), made.notice(done))
    return page(request, "accounts/forgotten.html", content, breadcrumbs=_forgotten(request))


@pages.post("/{locale}/password/forgotten", dependencies=[OPEN])
def ask_reset(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, visitor: CurrentVisitor, sent: Sent
) -> Response:
    error = attempt(held, lambda work: reset.request_reset(work, actor, visitor, email=sent["email"]))
    if error is not None:
        content = made.ForgottenPage(Form.refused(sent, error), "")
        return again(request, "accounts/forgotten.html", content, error, _forgotten(request))
    return see_other(request, "/password/forgotten?done=sent")


def _forgotten(request: Request) -> list[tuple[str, str | None]]:
    return trail(request, (N_("Sign in"), "/sign-in"), (N_("Forgotten password"), None))


Key = Annotated[str, Query(alias="token", max_length=200, description="from the mailed link")]


@pages.get("/{locale}/password/new", dependencies=[OPEN])
def show_new_password(
    request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, token: Key = ""
) -> Response:
    content = made.new_password(work, actor, Form(), token)
    return page(request, "accounts/new_password.html", content, breadcrumbs=_forgotten(request), headers=NO_STORE)


@pages.post("/{locale}/password/new", dependencies=[OPEN])
def set_new_password(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    try:
        reset.reset_password(held, actor, key=sent["token"], new_password=sent["new_password"])
    except REFUSALS as error:
        with held.read() as work:
            content = made.new_password(work, actor, Form.refused(sent, error), sent["token"])
        return again(request, "accounts/new_password.html", content, error, _forgotten(request))
    return see_other(request, "/sign-in?done=password")


# One's own account


@pages.get("/{locale}/account", dependencies=[OWN])
def show_account(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, done: Done = "") -> Response:
    content = made.account(work, actor, Form(), done)
    return page(request, "accounts/account.html", content, breadcrumbs=trail(request, (N_("My account"), None)))


@pages.post("/{locale}/account", dependencies=[OWN])
def edit_account(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    error = attempt(held, lambda work: service.edit_profile(work, actor, name=sent["name"], locale=sent["locale"]))
    if error is None:
        return see_other(request, "/account?done=saved")
    with held.read() as work:
        content = made.account(work, actor, Form.refused(sent, error))
    return again(request, "accounts/account.html", content, error, trail(request, (N_("My account"), None)))


@pages.post("/{locale}/account/sign-ins", dependencies=[OWN])
def end_sign_ins(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    with held.write() as work:
        if sent["start"]:
            sign_in.end_sign_in(work, actor, sent["start"])
        else:
            sign_in.end_other_sign_ins(work, actor)
    return see_other(request, "/account?done=ended")


def _password_page(actor: CurrentActor, form: Form) -> made.PasswordPage:
    actor.demand("account.own")
    return made.PasswordPage(form, actor.email)


@pages.get("/{locale}/account/password", dependencies=[OWN])
def show_password(request: Request, locale: Locale, actor: CurrentActor) -> Response:
    content = _password_page(actor, Form())
    return page(request, "accounts/password.html", content, breadcrumbs=trail(request, ACCOUNT, (N_("Password"), None)))


@pages.post("/{locale}/account/password", dependencies=[OWN])
def change_password(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, visitor: CurrentVisitor, sent: Sent
) -> Response:
    both = {key: sent[key] for key in ("password", "new_password")}
    try:
        service.change_password(held, actor, visitor, **both)
    except REFUSALS as error:
        content, crumbs = (
            _password_page(actor, Form.refused(sent, error)),
            trail(request, ACCOUNT, (N_("Password"), None)),
        )
        return again(request, "accounts/password.html", content, error, crumbs)
    return see_other(request, "/account?done=changed")


@pages.get("/{locale}/account/close", dependencies=[OWN])
def show_close(request: Request, locale: Locale, actor: CurrentActor) -> Response:
    crumbs = trail(request, ACCOUNT, (N_("Close the account"), None))
    return page(request, "accounts/close.html", _password_page(actor, Form()), breadcrumbs=crumbs)


@pages.post("/{locale}/account/close", dependencies=[OWN])
def close(
    request: Request, locale: Locale, held: Held, actor: CurrentActor, visitor: CurrentVisitor, sent: Sent
) -> Response:
    try:
        service.close_account(held, actor, visitor, password=sent["password"])
    except REFUSALS as error:
        crumbs = trail(request, ACCOUNT, (N_("Close the account"), None))
        return again(request, "accounts/close.html", _password_page(actor, Form.refused(sent, error)), error, crumbs)
    return see_other(request, "/sign-in?done=closed")


# Tokens


def _tokens(request: Request) -> list[tuple[str, str | None]]:
    return trail(request, ACCOUNT, (N_("API tokens"), None))


@pages.get("/{locale}/account/tokens", dependencies=[TOKEN])
def show_tokens(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, done: Done = "") -> Response:
    content = made.token_list(work, actor, Form(), done=done)
    return page(request, "accounts/tokens.html", content, breadcrumbs=_tokens(request))


@pages.post("/{locale}/account/tokens", dependencies=[TOKEN])
def make_token(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """Answers with the key itself: it is shown in this answer and in no other."""
    try:
        with held.write() as work:
            token = tokens.make_token(work, actor, name=sent["name"], scopes=_scopes(sent), days=_days(sent))
            content = made.token_list(work, actor, Form(), made=token.key)
    except REFUSALS as error:
        with held.read() as work:
            content = made.token_list(work, actor, Form.refused(sent, error))
        return again(request, "accounts/tokens.html", content, error, _tokens(request))
    return page(request, "accounts/tokens.html", content, breadcrumbs=_tokens(request), headers=NO_STORE)


def _scopes(sent: Texts) -> tuple[str, ...]:
    return tuple(scope for scope in tokens.SCOPES if sent[f"scope-{scope}"])


def _days(sent: Texts) -> int:
    """Days as chosen; what is no number is refused like one out of range."""
    return int(sent["days"]) if sent["days"].isascii() and sent["days"].isdigit() and len(sent["days"]) < 6 else 0


@pages.post("/{locale}/account/tokens/{token_id}/revoke", dependencies=[TOKEN])
def revoke_token(request: Request, locale: Locale, token_id: int, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        tokens.revoke_token(work, actor, token_id)
    return see_other(request, "/account/tokens?done=revoked")
