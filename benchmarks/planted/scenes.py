"""Clean scenes. Names stand in braces: a, b, c are in the scene (A, B, C in full), d and D are dead, e is elsewhere.

They are full of what is no fault: titles, places, names just introduced, words with a capital, foreign words in a
mouth, the dead remembered, a refrain.
"""

SCENES = (
    "The Captain said nothing until the harbour lights of {town} had sunk behind them. {a} coiled the wet rope and "
    "waited. “You knew about the {ship},” said {b} at last. “You knew on Monday.” {a}'s hands stopped. Rain whispered "
    "on the deck, and somewhere forward a bell answered. “I knew,” {a} admitted. “I hoped to be wrong.” {b} looked back "
    "at the dark line of the coast. Nobody spoke of {d}, and nobody had to.",
    "Morning came grey over {town}. In the kitchen of the old customs house {A} lit the stove, burned two fingers, and "
    "swore in a language that {b} had never heard. “Was that a prayer?” {b} asked. “Of a kind.” {a} put the kettle on. "
    "On the table lay the map that {d} had drawn before the war, its corners held down by four blue cups. “If the river "
    "rises in April,” said {a}, “this road is gone.” {b} traced it with a spoon and nodded.",
    "A boy called Tam was sitting on the steps of the chapel. “Are you the doctor?” he asked. “I am a sort of doctor,” "
    "said {a}. Tam wiped his nose. “My gran says there's a sort of doctor for everything.” {b} laughed, which {a} had not "
    "heard since Easter. They followed the boy down Lantern Street, past the fish market, to a green door with no number. "
    "Inside, an old woman looked up from her knitting. “You took your time,” she told them.",
    "“Captain {al}!” The shout came from the quay. {a} turned, one hand on the rail. {B} was running along the stones "
    "with a paper held high. Gulls screamed and scattered. “It is signed,” {b} gasped. “All of it. By the Governor "
    "himself.” {a} read the letter twice and folded it very small. “Then we are not thieves any more,” said {a}. “I am "
    "almost sorry.” Behind them the {ship} groaned on her ropes, as ships do when the tide is about to turn.",
    "The chair by the window had been {d}'s. Dust lay on its arms. {a} walked around it, as everybody in the house had "
    "learned to do, and drew the curtains back. Light fell on the books, on the German clock, on a tin soldier without a "
    "head. {b} stood in the doorway. “She would have hated this,” {b} said. “The tidying?” “The quiet.” {a} wound the "
    "clock. It ticked for a moment, thought about it, and went on.",
    "Thunder muttered beyond the hills. {a} and {b} had reached the bridge over the {river} when the first drops fell, "
    "fat and warm as coins. “We could turn back,” said {b}. “To what?” {a} pulled the hood up and went on. Halfway across "
    "a plank was missing, and beneath it the water moved like a muscle. {b} counted to three and jumped. On the far bank "
    "stood a sign: NO ROAD AFTER THIS. Somebody had painted a smiling face beneath it.",
    "{c} arrived late, as always, with snow on both shoulders and a parcel under one arm. “For you,” {c} announced. {a} "
    "cut the string. Inside lay a pair of skates, their blades wrapped in pages of the Evening Post. “They were {d}'s,” "
    "said {c}. “I had them sharpened.” For a while {a} said nothing at all. Then {b}, who could not bear silences, asked "
    "whether the lake was frozen. “Since Thursday,” {c} said. “Thick enough for a horse.”",
    "“¡Buenas noches, señora!” the innkeeper called when {a} came in, and went on polishing his glass. {b} had taken the "
    "table under the stairs. A candle burned there, and two plates of beans were getting cold. “Did he see you?” asked "
    "{b}. “He saw a hat.” {a} sat down and ate as if somebody might take the plate away. Upstairs a door closed. Steps "
    "crossed the ceiling, slow and uneven, and {b} laid the fork aside to count them.",
    "In the archive every sound was wrapped in paper. {A} had asked for the ledgers of 1912, and the clerk, a thin man "
    "with ink on his cuffs, had brought 1921. “Again,” said {a}. He sighed. While he was gone {b} opened the book all the "
    "same. Names, sums, the price of rope. Halfway down the page somebody had written in pencil: the {river} remembers. "
    "{b} turned the ledger round. {a} read it and grew pale.",
    "Tomorrow the whole of {town} would know. Tonight only three people did, and they were sitting on the roof of the "
    "bakery with their feet in the gutter. “Say it once more,” {b} demanded. {a} said it once more. It did not sound "
    "better. {c} threw a pebble at the moon. “Father will have to be told,” {c} said. “He will shout, and then he will "
    "make soup.” Below them the ovens were already warm, and the bricks gave the heat back slowly.",
    "{a} remembered how {d} laughed: head back, mouth open, like somebody drinking rain. That was years ago, on this same "
    "hill. {d} ran ahead of everybody then. Now there was only grass, and {b}, who had brought a flask and sense enough "
    "to keep quiet. They sat until the sheep forgot about them. “Shall we go down?” {b} asked at last. {a} stood up. "
    "“You go,” said {a}. “I will come when the lamps are lit.”",
    "Sergeant Holm, who was new to the valley, wrote everything down. “And where were you on Friday?” he asked. “At the "
    "mill,” said {a}. “Alone?” “With {b}, and with forty sacks of barley.” The pencil stopped. Holm had very light eyes "
    "and did not blink often. “Barley can't talk,” he observed. “Nor can I, much,” said {b} from the doorway, “but I can "
    "count. Thirty-nine sacks, {a}. One had a hole.”",
    "The letter was in French, or mostly. “Read it,” {b} begged. {a} held it to the lamp. “‘Je t'attends au port,’” {a} "
    "read slowly. “I am waiting for you at the harbour. The rest is too wet.” The wind leaned on the shutters. {b} took "
    "the page, sniffed it, and smiled for the first time that week. “Salt,” said {b}. “She really is at the sea.”",
    "Nobody in {town} locks a door in summer. That was how {a} came to be standing in the wrong house, holding the wrong "
    "cat, while {b} laughed so hard on the stairs that a neighbour knocked on the wall. “It looks like ours,” {a} said "
    "with dignity. “It is orange,” said {b}. “Ours is dead.” The cat yawned. Mrs. Alder, whose cat it was, appeared in her "
    "nightgown and asked whether anybody would like some tea.",
    "Dr. {al} washed each finger separately. “How bad?” asked {b}. “He will limp. He will complain. He will outlive us.” "
    "In the next room the patient was already complaining. Bottles stood along the shelf like a choir: iodine, camphor, "
    "oil of cloves. {b} read the labels aloud, for want of anything better to do, and {a} let the water run. “You should "
    "sleep,” said {b}. “So should everybody,” {a} answered.",
    "There was a market on the ice. Lanterns swung from poles, and smoke rose straight up into the frost. {c} bought "
    "chestnuts; {b} bought a whistle for no reason. {a} bought nothing and saw everything: the man with two watches, the "
    "girl who sold him a third. “We are being followed,” {a} murmured. “By whom?” “By the smell of those chestnuts.” {c} "
    "snorted. Under their boots the {river} boomed, deep and friendly, like a drum in another house.",
    "Below decks it was hot enough to bake bread. {b} hammered on the pipe, listened, and hammered again. “Well?” {a} "
    "shouted down. “She says no!” The engine coughed. Somewhere a valve let go with a shriek, and for a moment the whole "
    "of the {ship} smelled of pennies. Then, one by one, the needles began to climb. {a} slid down the ladder, kissed "
    "the nearest gauge, and burned a lip. “Eleven knots,” said {b}. “Perhaps twelve, if we all breathe in.”",
    "“Once upon a time,” {c} began, and the children went still, “there was a king who owned a door.” “Only a door?” "
    "asked the smallest. “Only a door. It stood in a field. Every night the wind came and knocked.” {a} leaned against "
    "the wall of the schoolroom to listen. {b} had heard the tale before and went on mending chairs. Outside, Sunday was "
    "ending as it always did in {town}, with bells, bicycles and burnt milk.",
    "Eight steps led down to the cellar. {a} took them one at a time, the lamp held low. Something dripped. Against the "
    "far wall stood barrels, and on the last of them sat {b}, perfectly calm, eating an apple. “You found the door, then,” "
    "said {b}. “I found the hole where the door was.” {a} raised the lamp. Chalk marks covered the stones, hundreds of "
    "them, in bundles of five. “Not mine,” {b} said. “Older. {d} told me there had been a prisoner here.”",
    "They buried the box under the third pear tree from the gate. {b} dug, {a} held the light, and {c} kept watch for the "
    "dog. It was not deep. “What if it rains?” {c} whispered. “Then it will be wet,” said {a}, “and still ours.” When the "
    "earth was flat again {b} stamped on it, twice, the way one stamps on a fire. An owl called from the direction of "
    "the church. They walked home by three different roads, as agreed.",
)
CASTS = (
    ("Mara Voss", "Ilan Brandt", "Odile Fenn", "Yara Sorel", "Emil Harrow"),
    ("José Ibarra", "Lucía Prado", "Tomás Rey", "Inés Vidal", "Rodrigo Paz"),
    ("Wei Lin", "Zhao Min", "Bao Chen", "Xiu Tang", "Hong Qiao"),
    ("Anjali Rao", "Kiran Mehta", "Devika Nair", "Suresh Pillai", "Lakshmi Das"),
    ("Łukasz Zając", "Zofia Wilk", "Halina Mróz", "Piotr Gajda", "Bożena Lis"),
    ("Fergus O'Malley", "Niamh Brady", "Declan Shaw", "Aoife Quinn", "Ronan Keane"),
    ("Jean-Luc Moreau", "Élise Garnier", "Odette Blanc", "Marcel Roux", "Sylvie Caron"),
    ("Astrid Holmqvist", "Nils Aaberg", "Ingrid Dahl", "Torsten Vik", "Sigrid Lund"),
)
PLACES = (
    ("Saltmouth", "Arle", "Northern Star"),
    ("Puerto Claro", "Río Seco", "Santa Rita"),
    ("Greyhaven", "Mersk", "Patience"),
    ("Tarnow Hill", "Wend", "Queen of Diamonds"),
)
