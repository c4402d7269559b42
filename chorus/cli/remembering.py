"""``memory reembed``: vectors of today's embedder for what has none, or another's."""

from chorus.cli.loop import run
from chorus.cli.open import opened
from chorus.cli.terminal import counted, print_json, tell
from chorus.cli.watch import onlooker


def reembed(*, as_json: bool) -> int:
    """Embed what is pending, story by story as it was added; search finds it by its words until then."""
    done = run(_reembed())
    if as_json:
        print_json({"embedded": done})
    elif done:
        tell(f"{counted(done, 'vector')} made.")
    else:
        tell("Every memory has the vector of this embedder already.")
    return 0


async def _reembed() -> int:
    with onlooker() as looking_on:
        async with opened(looking_on) as studio:

            def progress(done: int, total: int) -> None:
                looking_on.advance("Remembering", done, total, "memories")

            return await studio.embed_memories(progress=progress)
