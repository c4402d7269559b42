"""What English needs beside its stemmer, which cuts endings off and knows neither "gave" nor what people ask with.

Measured on questions about tales nobody had tuned on (decision 0042).
"""

from collections import defaultdict
from functools import cache

ASKING = {"feel": 0.3, "happen": 0.3}
"""What stems count for that questions use much oftener than texts: "How did she feel?", "What happened then?"."""

_FORMS = """
bear bore born | beat beaten | becom becam | begin began begun | bend bent | bind bound | bite bit bitten
bleed bled | blow blew blown | break broke broken | breed bred | bring brought | build built | burn burnt
buy bought | catch caught | choos chose chosen | cling clung | come came | creep crept | deal dealt | die dead death
dig dug | done | draw drew drawn | dream dreamt | drink drank drunk | drive drove driven | dwell dwelt
eat ate eaten | fall fell fallen | feed fed | feel felt | fight fought | find found | flee fled | fling flung
fli flew flown | forbid forbad forbidden | forget forgot forgotten | forgiv forgav forgiven | freez froze frozen
get got gotten | give gave given | go went gone | grind ground | grow grew grown | hang hung | hear heard
hide hid hidden | hold held | keep kept | kneel knelt | know knew known | lay laid | lie lay lain | lead led
leap leapt | learn learnt | leav left | leaf leav | lend lent | light lit | lose lost | make made | mean meant
meet met | pay paid | ride rode ridden | ring rang rung | rise rose risen | run ran | say said | see saw seen
seek sought | sell sold | send sent | shake shook shaken | shine shone | shoot shot | show shown
shrink shrank shrunk | sing sang sung | sink sank sunk | sit sat | slay slew slain | sleep slept | slide slid
sling slung | speak spoke spoken | speed sped | spend spent | spin spun | spring sprang sprung | stand stood
steal stole stolen | stick stuck | sting stung | strike struck stricken | strive strove striven | swear swore sworn
sweep swept | swell swollen | swim swam swum | swing swung | take took taken | teach taught | tear tore torn
tell told | think thought | throw threw thrown | understand understood | wake woke woken | wear wore worn
weav wove woven | weep wept | win won | wind wound | write wrote written | man men | woman women | child children
foot feet | tooth teeth | goos gees | mous mice | wife wive | life live | knife knive | wolf wolv | thief thiev
half halv | loaf loav | calf calv | elf elv | ox oxen | good better best | bad wors worst | old elder eldest
"""
"""Stems of the same word; they are what Postgres makes of its forms."""


def forms_of(stem: str) -> frozenset[str]:
    """The stems that irregular forms of the same word have, without itself."""
    return _kin().get(stem, frozenset())


@cache
def _kin() -> dict[str, frozenset[str]]:
    kin = defaultdict[str, set[str]](set)
    for group in _FORMS.replace("\n", "|").split("|"):
        for stem in group.split():
            kin[stem].update(group.split())
    return {stem: frozenset(stems - {stem}) for stem, stems in kin.items()}
