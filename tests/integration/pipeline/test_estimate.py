from chorus.domain.estimate import Basis, Estimate
from tests.endpoint.server import EndpointServer
from tests.integration.pipeline.conftest import Open


async def test_a_run_keeps_its_estimate_and_later_ones_learn_from_how_it_turned_out(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60)
            done = [await studio.write_story(f"A lamp number {n}.", settings=settings) for n in range(3)]
            async with studio.store.reading() as tx:
                first = await tx.runs.load(done[0].run_id)
            told = await studio.estimate(settings)
    kept = Estimate.model_validate(first.estimate)
    assert (kept.basis, kept.runs) == (Basis.PLAN, 0)
    assert (told.basis, told.runs) == (Basis.HISTORY, 3)
    truths = sorted(summary.completion_tokens for summary in done)
    assert truths[0] * 0.99 <= told.completion_tokens.p50 <= truths[-1] * 1.01
    assert told.completion_tokens.p50 == round(truths[1], 1)
    assert told.cost_usd is None
