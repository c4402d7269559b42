from decimal import Decimal

from chorus.domain.estimate import Basis, Estimate
from chorus.pipeline.estimate import estimate_run
from chorus.settings import Price
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


async def test_only_runs_that_wrote_a_whole_book_are_an_example(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            settings = studio.default_settings(scenes=2, words=60)
            done = [await studio.write_story(f"A lamp number {n}.", settings=settings) for n in range(3)]
            before = await studio.estimate(settings)
            redo = await studio.redo_scenes(done[0].story_id, [2], "Slower.")
            await studio.work_on(redo.id)
            forked = await studio.fork(done[1].story_id, 1)
            assert forked.run
            await studio.work_on(forked.run.id)
            async with studio.store.reading() as tx:
                assert len(await tx.runs.list_precedents("test-model")) == 3
            assert await studio.estimate(settings) == before


async def test_a_run_that_does_a_part_is_estimated_for_that_part(studio_at: Open) -> None:
    with EndpointServer() as endpoint:
        async with studio_at(endpoint.base_url) as studio:
            whole = await studio.write_story("A lamp.", settings=studio.default_settings(scenes=3, words=60))
            redo = await studio.redo_scenes(whole.story_id, [2], "Slower.")
            took = await studio.work_on(redo.id)
            more = await studio.continue_story(whole.story_id, 1)
            forked = await studio.fork(whole.story_id, 1, dispatch=True)
            assert forked.run
            async with studio.store.reading() as tx:
                kept = [await tx.runs.load(run_id) for run_id in (whole.run_id, redo.id, more.id, forked.run.id)]
            read = await studio.read_canon(whole.story_id, again=[1])
    told = [Estimate.model_validate(run.estimate) for run in kept]
    assert [run.estimate for run in (redo, more, forked.run)] == [run.estimate for run in kept[1:]]
    assert [estimate.llm_calls.p50 for estimate in told] == [15, 4, 5, 7]
    assert took.llm_calls <= told[1].llm_calls.p90
    assert read.estimate is None


async def test_each_agent_costs_what_its_model_costs(studio_at: Open) -> None:
    price = Price(prompt=Decimal(1), completion=Decimal(1))
    dear = Price(prompt=Decimal(100), completion=Decimal(100))
    async with studio_at("http://127.0.0.1:9/v1") as studio:
        settings = studio.default_settings(scenes=4, words=300, models={"continuity_editor": "dear"})
        known = studio.config.model_copy(
            update={"llm": studio.config.llm.model_copy(update={"prices": {"test-model": price, "dear": dear}})}
        )
        mixed = await estimate_run(studio.store, known, settings)
        plain = await estimate_run(studio.store, known, settings.model_copy(update={"models": {}}))
        unknown = await estimate_run(
            studio.store, known, settings.model_copy(update={"models": {"story_architect": "x"}})
        )
    assert plain.cost_usd
    assert mixed.cost_usd
    assert plain.cost_usd.p50 * 10 < mixed.cost_usd.p50 < plain.cost_usd.p50 * 100
    assert unknown.cost_usd is None
