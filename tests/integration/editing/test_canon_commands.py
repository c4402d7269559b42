"""``chorus canon STORY changes`` and ``restore``, without the process around them."""

import asyncio
import json
from uuid import UUID

import pytest
from pydantic import SecretStr

from chorus.cli import going_on, lore
from chorus.domain.story import WorldElement, WorldElementKind
from chorus.errors import InvalidInput, NotFound
from chorus.settings import ChorusConfig, DatabaseConfig, LLMConfig
from chorus.studio import open_studio
from tests.integration.editing.tales import ends_of, fact_saying, tell


def test_what_people_changed_is_listed_and_comes_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    llm = LLMConfig(api_base="http://127.0.0.1:9/v1", api_key=SecretStr("canary-key"))
    config = ChorusConfig(database=DatabaseConfig(url=database_url), llm=llm)
    for commands in (going_on, lore):
        monkeypatch.setattr(commands, "opened", lambda *_: open_studio(config))

    async def begin() -> UUID:
        async with open_studio(config) as studio:
            story_id = await tell(studio, "The key was silver.")
            fact = await fact_saying(studio, story_id, "The key was silver.")
            key = WorldElement(
                story_id=story_id, number=1, kind=WorldElementKind.OBJECT, name="key", description="Silver."
            )
            async with studio.store.transaction() as tx:
                await tx.stories.add_world([key])
            await studio.edit_fact(story_id, fact.id, "The key was iron.", note="Too soft.")
            return story_id

    async def canon() -> set[tuple[int, str]]:
        async with open_studio(config) as studio:
            return set(await ends_of(studio, story_id))

    story_id = asyncio.run(begin())
    typed = str(story_id)[:8]
    assert going_on.list_changes(typed, as_json=True) == 0
    (change,) = json.loads(capsys.readouterr().out)
    assert (change["note"], change["subject"]) == ("Too soft.", "fact")
    assert going_on.restore_canon(typed, change["change_id"][:8], as_json=False) == 0
    assert asyncio.run(canon()) == {(1, "The key was silver.")}
    assert going_on.list_changes(typed, as_json=False) == 0
    told = capsys.readouterr().out
    assert "Too soft." in told
    assert "2 changes." in told
    assert lore.edit(typed, "key", ["description=Iron."], note="", preview=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["details"] == ["key's description has changed"]
    assert lore.edit(typed, "Key", ["name=The Key", "kind=object"], note="Why not.", preview=False, as_json=False) == 0
    said = capsys.readouterr()
    assert "key is called The Key in every plan and fact" in said.err
    assert "It is changed" in said.out
    for wrong in ([], ["description"]):
        with pytest.raises(InvalidInput, match="--set"):
            lore.edit(typed, "The Key", wrong, note="", preview=True, as_json=True)
    with pytest.raises(NotFound, match="called Nobody"):
        lore.edit(typed, "Nobody", ["name=x"], note="", preview=True, as_json=True)
    with pytest.raises(InvalidInput, match="--change"):
        going_on.restore_canon(typed, None, as_json=True)
    with pytest.raises(NotFound):
        going_on.restore_canon(typed, str(UUID(int=9)), as_json=True)
