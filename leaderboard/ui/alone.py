"""Pages that stand alone: one file with its style sheet and icons inside, for a report that is sent or kept."""

from datetime import datetime
from pathlib import Path
from typing import Final

from markupsafe import Markup

from challenges.quality import QualityReport
from leaderboard.ui.assets import Assets
from leaderboard.ui.quality import quality_page
from leaderboard.ui.templating import Chrome, environment, render

STATIC: Final = Path(__file__).parent / "static"


class _Inside(Assets):
    """Addresses of what stands in the page itself: only fragments are left of them."""

    def url(self, name: str) -> str:  # noqa: ARG002 - every file is this one
        return ""


def standing_alone(report: QualityReport, locale: str, now: datetime) -> str:
    """The report as a whole HTML page in one language ("zh" or "en"), that needs nothing else."""
    styles = "".join((STATIC / name).read_text("utf-8") for name in ("app.css", "quality.css"))
    sprite = (STATIC / "sprite.svg").read_text("utf-8")
    page = quality_page(report, styles=Markup(f"<style>{styles}</style>"), sprite=Markup(sprite))  # noqa: S704 - our own files
    env = environment(debug=False, assets=_Inside({}))
    return render(env, "quality/alone.html", page, chrome=Chrome(locale, "/", now))
