"""The words of a book that are not its author's, in the story's language; in English where we know no better."""

from chorus.domain.language import language_tag

type Wording = dict[str, str]

_KNOWN = ("de", "fr", "es", "it", "pt", "nl")
_IN = {
    # a book
    "Contents": ("Inhalt", "Table des matières", "Índice", "Indice", "Índice", "Inhoud"),
    "Cover": ("Umschlag", "Couverture", "Cubierta", "Copertina", "Capa", "Omslag"),
    "Beginning": ("Anfang", "Début", "Comienzo", "Inizio", "Início", "Begin"),
    "Chapter": ("Kapitel", "Chapitre", "Capítulo", "Capitolo", "Capítulo", "Hoofdstuk"),
    "Scene": ("Szene", "Scène", "Escena", "Scena", "Cena", "Scène"),
    "Untitled": ("Ohne Titel", "Sans titre", "Sin título", "Senza titolo", "Sem título", "Zonder titel"),
    # a bible and its parts
    "the bible": ("die Bibel", "la bible", "la biblia", "la bibbia", "a bíblia", "de bijbel"),
    "The story": ("Die Geschichte", "L’histoire", "La historia", "La storia", "A história", "Het verhaal"),
    "The world": ("Die Welt", "Le monde", "El mundo", "Il mondo", "O mundo", "De wereld"),
    "The cast": ("Die Figuren", "Les personnages", "Los personajes", "I personaggi", "As personagens", "De personages"),
    "Relations": ("Beziehungen", "Relations", "Relaciones", "Relazioni", "Relações", "Relaties"),
    "Threads": (
        "Handlungsfäden", "Fils narratifs", "Hilos narrativos", "Fili narrativi", "Fios narrativos", "Verhaallijnen",
    ),
    "Timeline": ("Zeitlicher Ablauf", "Chronologie", "Cronología", "Cronologia", "Cronologia", "Tijdlijn"),
    "Canon": ("Kanon", "Canon", "Canon", "Canone", "Cânone", "Canon"),
    # the story
    "Premise": ("Prämisse", "Prémisse", "Premisa", "Premessa", "Premissa", "Uitgangspunt"),
    "Manner": ("Machart", "Manière", "Manera", "Maniera", "Maneira", "Vorm"),
    "Language": ("Sprache", "Langue", "Idioma", "Lingua", "Língua", "Taal"),
    "Style": ("Stil", "Style", "Estilo", "Stile", "Estilo", "Stijl"),
    "To avoid": ("Zu vermeiden", "À éviter", "A evitar", "Da evitare", "A evitar", "Te vermijden"),
    "How it stands": ("Stand", "État", "Estado", "Stato", "Estado", "Stand van zaken"),
    "Scenes": ("Szenen", "Scènes", "Escenas", "Scene", "Cenas", "Scènes"),
    "Words": ("Wörter", "Mots", "Palabras", "Parole", "Palavras", "Woorden"),
    "Far from their length": (
        "Weit von ihrer Länge", "Loin de leur longueur", "Lejos de su extensión", "Lontane dalla loro lunghezza",
        "Longe da sua extensão", "Ver van hun lengte",
    ),
    "Threads paid off": (
        "Eingelöste Fäden", "Fils dénoués", "Hilos resueltos", "Fili conclusi", "Fios resolvidos",
        "Afgeronde verhaallijnen",
    ),
    "Questions left open": (
        "Offene Fragen", "Questions ouvertes", "Preguntas abiertas", "Domande aperte", "Perguntas em aberto",
        "Open vragen",
    ),
    "Open findings": (
        "Offene Befunde", "Constats ouverts", "Hallazgos abiertos", "Rilievi aperti", "Achados em aberto",
        "Open bevindingen",
    ),
    "{} of {}": ("{} von {}", "{} sur {}", "{} de {}", "{} di {}", "{} de {}", "{} van {}"),
    # people and places
    "Nothing more is known.": (
        "Mehr ist nicht bekannt.", "On n’en sait pas plus.", "No se sabe nada más.", "Non si sa altro.",
        "Nada mais se sabe.", "Meer is niet bekend.",
    ),
    "Also called": ("Auch genannt", "Aussi appelé", "También llamado", "Detto anche", "Também chamado", "Ook genoemd"),
    "Wants": ("Will", "Veut", "Quiere", "Vuole", "Quer", "Wil"),
    "Flaw": ("Schwäche", "Faille", "Defecto", "Difetto", "Defeito", "Zwakte"),
    "Speaks": ("Spricht", "Parle", "Habla", "Parla", "Fala", "Spreekt"),
    "In scenes": ("In den Szenen", "Dans les scènes", "En las escenas", "Nelle scene", "Nas cenas", "In de scènes"),
    "At the end": ("Am Ende", "À la fin", "Al final", "Alla fine", "No fim", "Aan het eind"),
    "dead": ("tot", "mort", "muerto", "morto", "morto", "dood"),
    "protagonist": ("Hauptfigur", "protagoniste", "protagonista", "protagonista", "protagonista", "hoofdpersoon"),
    "antagonist": ("Gegenspieler", "antagoniste", "antagonista", "antagonista", "antagonista", "tegenspeler"),
    "ally": ("Verbündete", "allié", "aliado", "alleato", "aliado", "bondgenoot"),
    "mentor": ("Mentor", "mentor", "mentor", "mentore", "mentor", "mentor"),
    "minor": ("Nebenfigur", "secondaire", "secundario", "secondario", "secundário", "bijfiguur"),
    "setting": ("Schauplatz", "cadre", "escenario", "ambientazione", "cenário", "setting"),
    "place": ("Ort", "lieu", "lugar", "luogo", "lugar", "plaats"),
    "object": ("Gegenstand", "objet", "objeto", "oggetto", "objeto", "voorwerp"),
    "rule": ("Regel", "règle", "regla", "regola", "regra", "regel"),
    "culture": ("Kultur", "culture", "cultura", "cultura", "cultura", "cultuur"),
    "history": ("Vorgeschichte", "histoire", "historia", "storia", "história", "geschiedenis"),
    # when
    "From scene {} to {}.": (
        "Von Szene {} bis {}.", "De la scène {} à {}.", "De la escena {} a la {}.", "Dalla scena {} alla {}.",
        "Da cena {} à {}.", "Van scène {} tot {}.",
    ),
    "From scene {}.": (
        "Ab Szene {}.", "Dès la scène {}.", "Desde la escena {}.", "Dalla scena {}.", "Desde a cena {}.",
        "Vanaf scène {}.",
    ),
    "from scene {} to {}": (
        "Szene {} bis {}", "de la scène {} à {}", "de la escena {} a la {}", "dalla scena {} alla {}",
        "da cena {} à {}", "scène {} tot {}",
    ),
    "from scene {}": (
        "ab Szene {}", "dès la scène {}", "desde la escena {}", "dalla scena {}", "desde a cena {}", "vanaf scène {}",
    ),
    "Opened in scene {}.": (
        "Eröffnet in Szene {}.", "Ouvert dans la scène {}.", "Se abre en la escena {}.", "Si apre nella scena {}.",
        "Abre-se na cena {}.", "Geopend in scène {}.",
    ),
    "Opened by no scene.": (
        "Von keiner Szene eröffnet.", "Aucune scène ne l’ouvre.", "Ninguna escena lo abre.", "Nessuna scena lo apre.",
        "Nenhuma cena o abre.", "Door geen scène geopend.",
    ),
    "Answered in scene {}.": (
        "Beantwortet in Szene {}.", "Dénoué dans la scène {}.", "Se resuelve en la escena {}.",
        "Si risolve nella scena {}.", "Resolve-se na cena {}.", "Beantwoord in scène {}.",
    ),
    "Answered by no scene.": (
        "Von keiner Szene beantwortet.", "Aucune scène ne le dénoue.", "Ninguna escena lo resuelve.",
        "Nessuna scena lo risolve.", "Nenhuma cena o resolve.", "Door geen scène beantwoord.",
    ),
    "Left open by the text": (
        "Vom Text offengelassen", "Laissé ouvert par le texte", "Lo que el texto deja abierto",
        "Lasciato aperto dal testo", "Deixado em aberto pelo texto", "Door de tekst opengelaten",
    ),
    "Present": ("Anwesend", "Présents", "Presentes", "Presenti", "Presentes", "Aanwezig"),
    "Then": ("Danach", "Ensuite", "Después", "Poi", "Depois", "Daarna"),
}  # fmt: skip


def wording_of(language: str) -> Wording:
    """Everything that a book says of itself, by what it is in English."""
    tag = language_tag(language).split("-", maxsplit=1)[0]
    if tag not in _KNOWN:
        return {english: english for english in _IN}
    return {english: said[_KNOWN.index(tag)] for english, said in _IN.items()}


def in_all_languages(english: str) -> tuple[str, ...]:
    """A word as any of the languages has it, to know it again."""
    return tuple(dict.fromkeys((english, *_IN[english])))
