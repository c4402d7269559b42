"""Faults for code to find: what is put into a clean scene, by kind. Names in braces are those of the scene."""

from chorus.domain.canon import FaultKind

# x is a name that is nobody's.
STRANGERS = (
    "Corvin",
    "Thessaly",
    "Barnabas",
    "Ludmila",
    "Hargreave",
    "Quentin",
    "Marguerite",
    "Osric",
    "Penelope",
    "Viktor",
)
UNKNOWN = (
    "Then {x} opened the door and took the lamp.",
    "“It was never about the money,” said {x}.",
    "{x} nodded, and {x}'s eyes did not leave the floor.",
    "While {a} searched the coat, {x} held the candle.",
    "“Come away from there, {x},” said {b}, and {x} stepped back.",
    "{a} handed the glass back. “Thank you, {x}.” It was {x} who had poured it, and {x} smiled.",
    "Mrs. {x} asked whether they would stay for supper.",
    "In the corner {x} whispered something that only {b} could hear.",
    "{b} told {x} to be quiet.",
    "{x}'s hand closed on the rail, and nobody moved.",
    "At the gate {x} stopped and looked back at {a}.",
    "“No,” {x} said quietly, “not while I live.”",
)
# n is nearly the name of a, or of b.
NEARLY = (
    "“I never said so,” {n} answered.",
    "Then {n} took the lamp and went ahead.",
    "{n} shrugged, and looked for the other glove.",
    "It was cold, and {n} felt it in every bone.",
    "Without a word {n} turned to the wall.",
    "{n}'s voice was hardly to be heard.",
    "At the door {n} stopped and listened.",
    "“Let us go,” said {n}, “before they wake.”",
)
DEAD = (
    "“You are all wrong,” said {d}, and sat down at the table.",
    "{d} opened the door and came in, shaking the rain from both sleeves.",
    "Then {d} laughed and took the cup from {a}.",
    "{D} nodded slowly. “I will see to the boat.”",
    "{a} looked up, and {d} smiled at once.",
    "“Not today,” {d} whispered, closing the book.",
    "At that moment {d} stepped between them and held up one hand.",
    "{b} threw the rope, and {d} caught it with one hand.",
    "“Who is there?” asked {d}.",
    "Quietly {d} pulled the chair to the fire and sat down beside {b}.",
    "Across the room {d} shook a fist at the ceiling.",
    "{d} poured the tea, and {a} drank it too fast.",
)
FOREIGN = (
    "Sie gingen langsam durch die Straße und sprachen nicht mehr über das, was in der Nacht geschehen war.",
    "Elle ouvrit la fenêtre et regarda la rue, où il n'y avait plus personne depuis longtemps.",
    "Cuando llegaron a la casa, la puerta estaba abierta y no había nadie en la cocina.",
    "Quando arrivarono alla casa, la porta era aperta e nella cucina non c'era più nessuno.",
    "Toen zij bij het huis kwamen, stond de deur open en was er niemand in de keuken.",
    "När de kom fram till huset var dörren öppen och det fanns ingen i köket.",
    "Quando chegaram à casa, a porta estava aberta e não havia ninguém na cozinha.",
    "Kiedy doszli do domu, drzwi były otwarte i w kuchni nie było już nikogo.",
    "Они медленно шли по улице и больше не говорили о том, что случилось ночью.",
    "他们慢慢地走过街道,再也没有提起那天夜里发生的事情。",
    "彼らは静かに通りを歩き、その夜に起きたことについては何も話さなかった。",
    "مشوا ببطء في الشارع ولم يتحدثوا عما حدث في تلك الليلة.",
    "그들은 천천히 거리를 걸었고 그날 밤 일어난 일에 대해 더 이상 말하지 않았다.",
    "Περπάτησαν αργά στον δρόμο και δεν μίλησαν πια για όσα έγιναν εκείνη τη νύχτα.",
)
LEAKS = (
    "As an AI language model, I cannot decide what {a} would do next.",
    "Here is the revised scene with the contradictions removed.",
    "Scene 4: {a} and {b} talk about the letter.",
    '{{"title": "The Letter", "cast": ["{a}", "{b}"]}}',
    "Word count: 312 words",
    "[Insert a description of the harbour here]",
    "Setting: the harbour of {town}, at night.",
    "I hope this helps, and let me know if you want another ending.",
)
TEMPLATES = {
    FaultKind.STRANGER: UNKNOWN,
    FaultKind.RENAMED: NEARLY,
    FaultKind.DEAD: DEAD,
    FaultKind.LANGUAGE: FOREIGN,
    FaultKind.LEAK: LEAKS,
}  # fmt: skip
