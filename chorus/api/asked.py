"""What requests have in common: ids, pages of lists, and the studio that answers them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Request, Response

from chorus.api.door import ROLE
from chorus.api.house import House
from chorus.api.hub import Hub
from chorus.settings import Role
from chorus.studio import Studio

MOST_ROWS = 500
LARGEST_INT = 2**31 - 1
LARGEST_ID = 2**63 - 1
EXAMPLE_ID = "3f2b8c1e-5a4d-4e9b-9c7a-1d2e3f4a5b6c"


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


async def _studio(request: Request) -> Studio:
    """The studio as far as who asks may use it: through a viewer's the database itself lets nothing be written."""
    studio = await _house(request).studio()
    return studio.for_reading() if request.scope.get(ROLE) is Role.VIEWER else studio


class Page:
    """The part of a list that is asked for, and the way to the next one."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most rows to answer with.")] = 100,
        offset: Annotated[int, Query(ge=0, le=LARGEST_INT, description="How many rows to leave out first.")] = 0,
    ) -> None:
        self.limit = limit
        self.offset = offset
        self._request = request
        self._response = response

    @property
    def one_more(self) -> int:
        """How many rows to read, so as to know whether there is a next page."""
        return self.limit + 1

    def of[T](self, rows: Sequence[T]) -> list[T]:
        """Cut the page out of the rows that were read, and link to the next one."""
        if len(rows) > self.limit:
            following = self._request.url.include_query_params(limit=self.limit, offset=self.offset + self.limit)
            path = f"{following.path}?{following.query}"
            self._response.headers["Link"] = f'<{path}>; rel="next"'
        return list(rows[: self.limit])

    def cut[T](self, rows: Sequence[T]) -> list[T]:
        """The same of a list that was read whole."""
        return self.of(rows[self.offset : self.offset + self.one_more])


AHub = Annotated[Hub, Depends(_hub)]
AStudio = Annotated[Studio, Depends(_studio)]
APage = Annotated[Page, Depends()]
StoryId = Annotated[UUID, Path(description="Id of a story.", examples=[EXAMPLE_ID])]
SceneNumber = Annotated[int, Path(ge=1, le=LARGEST_INT, description="Number of a scene in the story.", examples=[3])]
RunId = Annotated[UUID, Path(description="Id of a run.", examples=[EXAMPLE_ID])]
OfStory = Annotated[UUID | None, Query(description="Only of this story.")]
OfRun = Annotated[UUID | None, Query(description="Only of this run.")]
