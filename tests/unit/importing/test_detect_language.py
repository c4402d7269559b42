import pytest

from chorus.importing import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The keeper lit the lamp, and she swore to wait for him.", "English"),
        ("Der Wärter zündete die Lampe an, und sie schwor, auf ihn zu warten.", "German"),
        ("Le gardien alluma la lampe, et elle jura de l'attendre dans la nuit.", "French"),
        ("El farero encendió la lámpara y ella juró que lo esperaría en la noche.", "Spanish"),
        ("Il guardiano accese la lampada e giurò di non lasciare la torre.", "Italian"),
        ("O faroleiro acendeu a lâmpada e ela jurou que não o deixaria.", "Portuguese"),
        ("De wachter stak de lamp aan en ze zwoer dat zij op hem zou wachten.", "Dutch"),
        ("Fyrvaktaren tände lampan och hon svor att hon skulle vänta på honom.", "Swedish"),
        ("Vartija sytytti lampun ja hän vannoi, että hän odottaisi, mutta ei tullut.", "Finnish"),
        ("Смотритель зажёг лампу, и она поклялась ждать его.", "Russian"),
        ("灯台守はランプに火をともし、彼を待つと誓った。", "Japanese"),
        ("守塔人点亮了灯，她发誓要等他。", "Chinese"),
        ("Xyzzy plugh 42", "English"),
        ("", "English"),
    ],
)
def test_the_little_words_tell(text: str, language: str) -> None:
    assert detect_language(text) == language
