# ruff: noqa: ISC004, E501 - prose, wrapped where the line ends
"""Stories for the app's tests and screenshots, written for them."""

# title, premise, chapters: (title, scenes: (title, summary, text))
type Tale = tuple[str, str, tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]]

THE_TIDE_LEDGER: Tale = (
    "The Tide Ledger",
    "The last tide-keeper of a drowned harbour town finds an entry in the ledger, in her own hand, for a day that has "
    "not come yet.",
    (
        (
            "What the Water Owes",
            (
                (
                    "Low Water",
                    "Ines Marlow opens the tide ledger at dawn and finds next Thursday already entered in her own hand.",
                    "The ledger was kept in the dry room, above the line the sea had reached in the year of the great "
                    "surge, and every morning Ines Marlow climbed forty-one steps to it with the key between her teeth "
                    "and a lantern in each hand.\n\n"
                    "She had written in it for nineteen years. Height of water, hour and minute; wind; what the boats "
                    "brought up and what they did not. It was the dullest book in Saltreach and the only one the town "
                    "had saved when the library went, because without it no one could say which of the flooded streets "
                    "would be streets again by noon.\n\n"
                    "This morning the page for Monday was blank, as it should be. She wet the pen. Then, because the "
                    "draught from the stair had got under the paper, she saw that the page after it was not.\n\n"
                    "Thursday. Low water at 5.12, lower than any on record. The bell tower stands clear to its third "
                    "course. T. has gone down with the lamp and has not come back.\n\n"
                    "It was Monday. The ink was a week old at least, and had the brown bloom that ink gets in salt air. "
                    "The hand leaned a little to the left, the way hers did when she was frightened.",
                ),
                (
                    "A Second Opinion",
                    "Tobias Renn, the bell diver, admits he means to go down to the tower, though he has told nobody.",
                    "“You wrote it in your sleep,” said Tobias Renn. He was mending a diving hood on the harbour wall "
                    "with his boots hanging over the water, and did not look up.\n\n"
                    "“I sleep on the other side of town. With a locked door and forty-one steps between.”\n\n"
                    "“Then somebody copied your hand.”\n\n"
                    "“There's nobody left who could read it, let alone copy it.” She sat down beside him. Below them "
                    "the roofs of Chandler Street wavered green. “T., Toby. T. has gone down with the lamp. How many "
                    "men in Saltreach have a name with a T and a lamp that burns under water?”\n\n"
                    "He pulled the waxed thread tight and bit it through. It took him longer than it should have.\n\n"
                    "“I'd not told anyone,” he said at last, “that I was thinking of the tower.”",
                ),
                (
                    "The Price of a Bell",
                    "The council offers Tobias $500 for the drowned bell; Ines asks them to wait until Friday and is refused.",
                    "The council met in the loft of the sail-maker's because it was the highest floor with chairs. There "
                    "were seven of them, and they had been afraid for so long that it had become a kind of manners.\n\n"
                    "“Five hundred,” said Councillor Haddow. “In coin. For the bell, or such part of it as can be "
                    "raised. Bronze is bronze.”\n\n"
                    "“Wait until Friday,” said Ines.\n\n"
                    "“The low water is Thursday. You told us so yourself; it is the only thing we pay you for.”\n\n"
                    "She had told them so. She had stood in this room on the first of the month and read the year's "
                    "tides aloud, and been proud of the figures. Now she looked from face to face for one that would "
                    "ask her why, and found that they were all looking at Tobias, and that he had already taken off "
                    "his cap.",
                ),
            ),
        ),
        (
            "The Drowned Parish",
            (
                (
                    "Forty-One Steps",
                    "Ines searches the older ledgers and learns that her mother too found a day written before it came.",
                    "There were eleven ledgers before hers. She carried them to the window by twos, and read until the "
                    "lantern smoked.\n\n"
                    "Her mother's began in the year of the surge. It was a careful book. Only once, in all its nine "
                    "hundred pages, had an entry been crossed out, and then so thoroughly that the nib had gone through "
                    "into the week behind. Ines held the leaf up to the light and read it from the back, letter by "
                    "letter, like a word called across water.\n\n"
                    "Sunday. The sea comes over the wall at nine. I have been down to warn them and they laugh.\n\n"
                    "The date was three days before the surge. Nobody had ever told her that her mother had known. "
                    "Nobody had told her that her mother had gone down to the church that morning, either, and stood "
                    "up in the middle of the hymn.",
                ),
                (
                    "The Lamp",
                    "Tobias shows Ines the lamp and asks her to hold the line; she agrees, to keep him in sight.",
                    "It was smaller than she remembered: a glass the size of two fists, caged in brass, with a wick "
                    "that drank something he would not name and burned a cold, steady white.\n\n"
                    "“Twenty minutes,” said Tobias. “Then it goes yellow, and that's two more to find the rope. It has "
                    "never once been wrong.”\n\n"
                    "“Neither has the ledger.”\n\n"
                    "He put the lamp between them on the boards. It lit his face from below and made him look like "
                    "somebody's grandfather. “Then hold the line yourself,” he said. “I won't go with Haddow's boy on "
                    "the rope and you in your tower writing me down as lost. If it has to be written, I'd as soon you "
                    "were looking.”",
                ),
                (
                    "Slack",
                    "At slack water the bell tower stands clear to its third course, exactly as the entry said.",
                    "At eight minutes past five the sea stopped. It did that twice a day and nobody in Saltreach ever "
                    "got used to it: the whole weight of it, from the wall to the edge of the world, neither coming "
                    "nor going, like a crowd that has forgotten what it was shouting.\n\n"
                    "The tower stood up out of it black and streaming. One course of stone. Two. Ines counted with the "
                    "rope in her hands and hoped, with all her heart, for a mistake in the figures.\n\n"
                    "The third course came clear, hung with weed. Somewhere inside, moved by nothing, the bell spoke "
                    "once.",
                ),
            ),
        ),
        (
            "Her Own Hand",
            (
                (
                    "Yellow",
                    "The lamp burns yellow. Ines ties off the line and goes down after Tobias herself.",
                    "White. White. She could see it through the louvres, wandering from side to side like someone "
                    "looking for a pair of spectacles.\n\n"
                    "Then it was yellow.\n\n"
                    "The rope lay in her palms and told her nothing. She gave it the two short pulls they had agreed "
                    "on, and it came up to her slack and light, a yard, five yards, and then the cut end of it, very "
                    "clean, as though the stone had a tooth.\n\n"
                    "There was no time to be brave, and so she was not; she was only quick. She made what was left fast "
                    "to the thwart, put the other lantern's ring over her wrist, though it would be dead in a breath, "
                    "and stepped off the side of the boat into the street where she was born.",
                ),
                (
                    "The Ringing Chamber",
                    "She finds Tobias pinned beneath the bell's yoke, and on the wall the tide-marks of every keeper.",
                    "There was air under the vault, a hand's breadth of it, green and old. She came up into it with her "
                    "mouth against the plaster and felt, before she saw, that the plaster was written on.\n\n"
                    "Strokes. Hundreds of strokes, each with a date; every keeper of the ledger for two hundred years "
                    "had come down here at the lowest water of their time and drawn a line. The last was her mother's. "
                    "Beside it, in a hand that leaned to the left, there was one more, and it was today's.\n\n"
                    "“You took,” said Tobias out of the dark, “your time.” The yoke had come down across his legs. The "
                    "lamp was between his knees, going from yellow to brown.\n\n"
                    "“I had to finish a sentence,” said Ines, and put her shoulder under the beam.",
                ),
                (
                    "Friday",
                    "Back in the dry room Ines completes the entry, and leaves the following page for whoever needs it.",
                    "She wrote it up on Friday with her arm in a sling, slowly, the letters falling over one another.\n\n"
                    "Low water at 5.12, lower than any on record. The bell tower stands clear to its third course. T. "
                    "has gone down with the lamp and has not come back. It was all there. She had not had to change a "
                    "word. She thought for some time, and the tide turned under the window, and then she dipped the "
                    "pen and added what there had been no room for on Monday.\n\n"
                    "I have gone down after him. We are both of us late for supper.\n\n"
                    "Then she counted forward eleven years, to the next water as low as this one, found the page, and "
                    "in a hand that leaned a little to the left wrote down what she thought somebody might like to "
                    "know.",
                ),
            ),
        ),
    ),
)

THE_GLASS_ORCHARD: Tale = (
    "The Glass Orchard",
    "Two rival glassblowers must grow an orchard that never ripens before the old duke's eyes fail for good.",
    (
        (
            "Sand",
            (
                (
                    "The Commission",
                    "Duke Orsino asks Mirela and Old Fenn for an orchard he will be able to see by touch.",
                    "The duke could still tell light from dark, and he had them stand with the window behind them so "
                    "that they would be two shapes and not two enemies.\n\n“An orchard,” he said. “Forty trees. I would "
                    "like to know it with my hands by the time I can know it no other way.”\n\n"
                    "Nobody spoke. In the yard somebody dropped a bucket, and the duke turned toward it as a plant "
                    "turns. “Forty,” said Old Fenn at last, “is a great many, your grace, for one furnace.”\n\n"
                    "“You have two,” said the duke. “That is why there are two of you.”\n\n"
                    "Mirela looked at the floor. She had not stood in a room with Fenn since the fire, and had "
                    "promised herself never to do it again without a door at her back.",
                ),
                (
                    "Forty Trees",
                    "Mirela and Fenn divide the garden with a line of chalk.",
                    "They drew the line with the gardener's chalk, from the sundial to the wall. Twenty trees on "
                    "either side. Neither of them looked across it for eleven days.\n\n"
                    "On the twelfth it rained, and the chalk went, and Mirela found one of Fenn's saplings growing a "
                    "hand's breadth on her side: a thing no thicker than a quill, clear as breath, with the bark drawn "
                    "on it in lines so fine that she had to find them with her thumbnail. She stood over it for a long "
                    "time. It was better than any of hers. Then she fetched a stake and some soft wire, and tied it up "
                    "against the wind.",
                ),
            ),
        ),
        (
            "Fire",
            (
                (
                    "The First Leaf",
                    "A leaf that rings when it rains.",
                    "It rang when it rained. That was the first surprise. A glass leaf, Mirela had always held, should "
                    "be silent, or what was the use of the wind; but this one gave out a small cool note whenever a "
                    "drop struck it, and by evening the duke had had his chair carried to the end of the walk and was "
                    "sitting in the wet with his face lifted.\n\n"
                    "“Which of you made it?” he asked. Neither of them would say.",
                ),
                ("A Borrowed Breath", "Fenn's lungs give out; Mirela finishes his tree.", ""),
                ("Blossom", "The duke walks the orchard alone.", ""),
                ("What Does Not Ripen", "The first frost.", ""),
            ),
        ),
    ),
)

SMALL_HOURS: Tale = (
    "Small Hours at the Hotel Meridian",
    "A night porter keeps a list of guests who check in but are never seen to leave, and tonight his own name is on it.",
    (("One O'Clock", (("The Register", "The porter reads the list.", ""), ("Room 9", "The key is warm.", ""))),),
)

SHORT: tuple[tuple[str, str], ...] = (
    (
        "Cartographers of the Interior",
        "A mapmaker is hired to draw a country that exists only in one family's quarrels.",
    ),
    (
        "Nine Letters to a Winter Queen",
        "Each letter arrives a year before it was sent, and each asks her not to reply.",
    ),
)

HOSTILE_TITLE = "$5 and $6 :red[x] <script>alert(1)</script> **bold** שלום 🦉"
HOSTILE_TEXT = (
    "It cost $5 and $6, she said, :red[x] and <b>not bold</b>.\n\n"
    '<script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">\n\n'
    "# not a heading\n\n[link](javascript:window.pwned=1) & `code` &amp; :material/star: 🦉\n\nשלום עולם, בוקר טוב."
)
HOSTILE: Tale = (
    HOSTILE_TITLE,
    "<img src=x onerror='window.pwned=1'> $x^2$ :blue-background[y] _under_",
    (("<i>One</i> $5 and $6", (("<u>Scene</u> :red[x]", "A <b>summary</b> for $5 and $6", HOSTILE_TEXT),)),),
)
