"""The small words by which a language is known: its name and about fifty words each, by its code."""

from chorus.continuity.word_list import words_of

STOP_WORDS: dict[str, tuple[str, frozenset[str]]] = {
    "en": (
        "English",
        words_of(
            """
    the a an and or but of to in on at by for with from as is are was were be been had has have he she it they
    we you i his her its their my your our that this these those which who what when where there then than not
    no so if into out up down over under again all would could should did do said him them me us one about after
    before
    """
        ),
    ),
    "de": (
        "German",
        words_of(
            """
    der die das den dem des ein eine einen einem einer eines und oder aber von zu in im an am auf mit aus als
    ist sind war waren sein hatte hat haben er sie es wir ihr ich sein seine seinen ihre ihren ihrem mein dass
    daß dies diese dieser was wenn wo dann nicht kein keine so über unter nach vor noch schon nur wie auch sich
    ihn ihm mir mich uns zum zur bei durch für um hinter doch man
    """
        ),
    ),
    "fr": (
        "French",
        words_of(
            """
    le la les un une des du de et ou mais à au aux en dans sur par pour avec sans est sont était étaient être
    avait avaient a il elle ils elles nous vous je tu son sa ses leur leurs mon ma mes que qui quoi quand où ne
    pas plus ce cette ces se si y lui me te on comme tout tous sous vers chez puis ni dont très qu
    """
        ),
    ),
    "es": (
        "Spanish",
        words_of(
            """
    el la los las un una unos unas de del y o pero a al en por para con sin es son era eran ser había habían ha
    han él ella ellos ellas nosotros yo tú su sus mi mis que quien cuando donde no más este esta estos estas ese
    esa se si le lo les me te nos como todo toda todos sobre bajo hasta desde entre muy ya ni
    """
        ),
    ),
    "it": (
        "Italian",
        words_of(
            """
    il lo la i gli le un uno una di del della dei delle degli e o ma a al alla ai alle in nel nella con da dal
    dalla per su sul sulla è sono era erano essere aveva avevano ha hanno lui lei loro noi voi io tu suo sua
    suoi mio mia che chi quando dove non più questo questa quello quella si se gli ne ci come tutto tutti tra
    fra poi
    """
        ),
    ),
    "pt": (
        "Portuguese",
        words_of(
            """
    o a os as um uma uns umas de do da dos das e ou mas em no na nos nas por pelo pela para com sem é são era
    eram ser tinha tinham há ele ela eles elas nós eu tu seu sua seus suas meu minha que quem quando onde não
    mais este esta esse essa isso se lhe me te como todo toda sobre até desde entre muito já nem ao à foi
    """
        ),
    ),
    "nl": (
        "Dutch",
        words_of(
            """
    de het een en of maar van te in op aan bij voor met uit als is zijn was waren had hadden heeft hebben hij
    zij ze wij we jij je ik u zijn haar hun mijn dat die dit deze wat wie wanneer waar dan niet geen zo over
    onder na nog al er om door naar tot ook zich hem hen mij ons toen werd
    """
        ),
    ),
    "sv": (
        "Swedish",
        words_of(
            """
    en ett den det de och eller men av till i på vid för med från som är var vara hade har han hon de vi ni jag
    du sin sina hans hennes deras min mitt att vad vem när där då inte ingen så över under efter innan om ut upp
    ner sig honom henne dem mig oss också bara mot
    """
        ),
    ),
    "da": (
        "Danish",
        words_of(
            """
    en et den det de og eller men af til i på ved for med fra som er var være havde har han hun vi jeg du sin
    sine hans hendes deres min mit at hvad hvem når hvor da ikke ingen så over under efter før om ud op ned sig
    ham hende dem mig os også kun mod
    """
        ),
    ),
    "no": (
        "Norwegian",
        words_of(
            """
    en et ei den det de og eller men av til i på ved for med fra som er var være hadde har han hun vi jeg du sin
    sine hans hennes deres min mitt at hva hvem når hvor da ikke ingen så over under etter før om ut opp ned seg
    ham henne dem meg oss også bare mot
    """
        ),
    ),
    "pl": (
        "Polish",
        words_of(
            """
    i w we z ze na do od po za o u przy przez dla bez nad pod ale lub albo że żeby jest są był była było byli
    były nie tak się to ten ta te tego tej tym on ona oni one jego jej ich my wy ja ty mnie mu go co kto kiedy
    gdzie jak już tylko jeszcze swój swoją swoje
    """
        ),
    ),
    "cs": (
        "Czech",
        words_of(
            """
    a i v ve z ze na do od po za o u při pro bez nad pod ale nebo že aby je jsou byl byla bylo byli byly ne tak
    se si to ten ta te toho té tím on ona oni jeho její jejich my vy já ty mě mu ho co kdo když kde jak už jen
    ještě svůj svou své
    """
        ),
    ),
    "ro": (
        "Romanian",
        words_of(
            """
    un o și sau dar de la în pe cu din pentru fără este sunt era erau fi avea aveau a au el ea ei ele noi voi eu
    tu său sa mea meu că care cine când unde nu mai acest această se îi îl le mă te ne ca tot toți sub spre până
    după foarte lui
    """
        ),
    ),
    "hu": (
        "Hungarian",
        words_of(
            """
    a az egy és vagy de hogy nem is van volt voltak lesz ő ők mi ti én te ez az ezt azt itt ott mint még már
    csak meg ki mi mikor hol akkor így úgy nagyon be fel le el vissza alatt fölött után előtt mert ha minden
    """
        ),
    ),
    "fi": (
        "Finnish",
        words_of(
            """
    ja tai mutta on oli olivat ei hän he me te minä sinä se ne tämä nämä tuo joka mikä kuka kun missä sitten
    niin että jos kuin vain vielä jo myös ovat ollut hänen heidän minun sen mitä siinä siitä kanssa
    """
        ),
    ),
    "tr": (
        "Turkish",
        words_of(
            """
    ve veya ama bir bu şu o onlar biz siz ben sen ile için gibi kadar daha çok en ne kim nerede değil var yok
    idi olan olarak sonra önce da de ki mi mı her hiç şey ona onun onu bana benim
    """
        ),
    ),
    "id": (
        "Indonesian",
        words_of(
            """
    yang dan atau tetapi di ke dari pada untuk dengan tanpa adalah itu ini ia dia mereka kami kita saya aku kamu
    nya tidak bukan sudah telah akan sedang masih lebih sangat ketika saat karena jika seperti dalam oleh juga
    para seorang sebuah
    """
        ),
    ),
    "la": (
        "Latin",
        words_of(
            """
    et in ad ex de cum per ab non est sunt erat esse sed aut qui quae quod hic haec hoc ille illa eius suum sua
    ut si ne iam tum nec neque atque pro sub inter post ante
    """
        ),
    ),
    "ru": (
        "Russian",
        words_of(
            """
    и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее её мне было вот от меня
    еще нет о из ему был была были они это этот эта где когда кто если под над для до без
    """
        ),
    ),
    "uk": (
        "Ukrainian",
        words_of(
            """
    і й в у не що він на я з як а то все вона так його але та ти до ж ви за би по її мені було від мене ще ні
    про із йому був була були вони це цей ця де коли хто якщо під над для без
    """
        ),
    ),
}
