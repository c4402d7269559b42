"""Views of the app's pages that are kept under a name; everybody of the house has the same."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from chorus.api.asked import APage, AStudio
from chorus.api.bodies import Sent
from chorus.api.errors import answers
from chorus.api.examples import WHEN, page_shown, shown
from chorus.domain.saved_view import LONGEST_NAME, LONGEST_QUERY, SavedView
from chorus.errors import NotFound

router = APIRouter(prefix="/api/saved-views", tags=["saved views"], responses=answers())
PageName = Annotated[
    str,
    Query(
        alias="page",
        pattern=r"^[a-z][a-z-]{0,39}$",
        description="A page, as its address says it.",
        examples=["metrics"],
    ),
]
_ASKED: JsonDict = {"agent": "scene_generator", "days": "7"}
_VIEW = SavedView(page="metrics", name="The last week", asked={"days": "7"}, created_at=WHEN)


class NewView(Sent):
    """What the address of a page asks for, under a name."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"page": "metrics", "name": "The last week", "asked": _ASKED}]}
    )

    page: str = Field(pattern=r"^[a-z][a-z-]{0,39}$")
    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    asked: dict[str, Annotated[str, Field(max_length=LONGEST_QUERY)]] = Field(default_factory=dict, max_length=50)


@router.get("", responses=page_shown([_VIEW]))
async def list_saved_views(page_name: PageName, studio: AStudio, page: APage) -> list[SavedView]:
    """List the views of a page by name."""
    async with studio.store.reading() as tx:
        return page.cut(await tx.saved_views.list_of(page_name))


@router.put("", responses={**answers(400), **shown(_VIEW)})
async def keep_view(wanted: NewView, studio: AStudio) -> SavedView:
    """Keep a view, in the place of one of the same name."""
    view = SavedView.kept_as(wanted.page, wanted.name, wanted.asked)
    async with studio.store.transaction() as tx:
        await tx.saved_views.keep(view)
    return view


@router.delete("", status_code=204, responses=answers(404))
async def forget_view(
    page_name: PageName, studio: AStudio, name: Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)]
) -> None:
    """Forget a view."""
    async with studio.store.transaction() as tx:
        if not await tx.saved_views.remove(page_name, name.replace("\x00", "")):
            raise NotFound(f"The page has no view “{name}”.")
