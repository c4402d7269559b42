"""Words the checks know: what people do, what they are called, and what is no name although it has a capital."""

from chorus.continuity.word_list import words_of

# What only somebody does: after one of these, or before it, stands a person.
SAID = words_of(
    """
    said asked replied answered whispered muttered murmured shouted cried called yelled snapped growled hissed
    exclaimed declared insisted protested admitted agreed added continued began repeated explained demanded
    begged pleaded promised warned suggested wondered sighed laughed sobbed moaned groaned breathed gasped
    remarked observed announced stammered mumbled grumbled scoffed teased told says asks replies answers
    whispers mutters
    """
)
GESTURES = words_of(
    """
    nodded shrugged smiled frowned grinned blinked knelt winced scowled bowed chuckled giggled squinted
    swallowed hesitated shivered shuddered stammered glanced stared gazed listened coughed wept yawned gulped
    beckoned saluted curtsied smirked flinched
    """
)
DEEDS = words_of(
    """
    walked ran went came stood sat took held knew felt saw heard thought gave left turned looked stepped opened
    closed reached pulled pushed picked put set laid lifted carried dropped grabbed handed threw caught waited
    watched followed led entered climbed crossed hurried rushed paused stopped leaned crouched rose jumped drew
    poured drank ate wrote read spoke smelled tasted touched kissed hugged slapped hit struck kicked pointed
    waved shook raised lowered wiped rubbed tugged tied untied unlocked locked knocked searched found hid
    decided wanted tried hoped refused remembered forgot noticed realised realized understood believed guessed
    lit swung slipped strode marched wandered returned arrived appeared departed fled escaped dragged shoved
    unfolded folded counted measured studied examined described gathered tucked clutched gripped cleared settled
    folded sank slid backed circled guarded swept mapped avoided broke bent brought bought sold sent kept let
    lay made met mended tore cut dug
    """
)
TO_SOMEBODY = words_of(
    """
    told asked hugged kissed thanked warned greeted begged married forgave scolded
    """
)
BODY = words_of(
    """
    voice eyes eye face hand hands fingers finger lips mouth head hair shoulder shoulders heart breath smile
    gaze arm arms cheek cheeks brow brows jaw knees feet words mind sleeve coat chest stomach throat laugh
    laughter temper glance grin frown
    """
)
KIN = words_of("mother father brother sister wife husband son daughter aunt uncle shadow")
TITLES = words_of(
    """
    mr mrs ms miss dr doctor captain king queen prince princess sir lady lord madam master mistress father
    mother brother sister aunt uncle grandmother grandfather granny grandpa grandma mum mom dad mama papa
    professor judge inspector sergeant constable officer detective colonel major general lieutenant commander
    admiral corporal private reverend pastor abbot abbess friar duke duchess count countess baron baroness
    emperor empress old young saint st señor señora señorita monsieur madame mademoiselle herr frau fräulein
    signor signora don doña mayor governor president minister chancellor senator skipper boatswain bosun nurse
    cook chief elder dame squire
    """
)
# Who somebody is: before a name, such a word introduces it.
ROLES = words_of(
    """
    man woman boy girl child baby brother sister mother father son daughter uncle aunt cousin niece nephew wife
    husband widow friend neighbour neighbor stranger servant maid cook baker smith blacksmith miller farmer
    fisherman sailor captain guard soldier doctor nurse teacher pupil student apprentice clerk merchant
    innkeeper landlord keeper king queen prince princess knight witch wizard thief lawyer judge priest monk nun
    hunter shepherd gardener carpenter tailor weaver painter singer fiddler drummer driver pilot porter
    messenger postman librarian scholar poet giant dwarf fairy dragon dog cat horse mare pony donkey hound bird
    crow raven owl parrot fox wolf bear goat cow pig companion partner rival colleague boss chief mayor
    detective inspector twin orphan youngster lad lass fellow gentleman lady grandson granddaughter grandmother
    grandfather stepmother stepfather sister-in-law midwife ferryman boatman deckhand cabin-boy engineer
    mechanic butcher grocer barber tinker beggar
    """
)
# Written with a capital and nobody's name.
CAPITALS = words_of(
    """
    i i'm i've i'll i'd god lord heaven heavens christ jesus bible christmas easter monday tuesday wednesday
    thursday friday saturday sunday january february march april may june july august september october november
    december english french german spanish italian dutch latin greek russian chinese japanese american european
    african asian indian irish scottish welsh british portuguese polish swedish danish norwegian turkish arabic
    hebrew english-born earth sun moon north south east west ok okay tv sos usa uk majesty highness honour honor
    grace excellency madam ma'am sir goodness devil satan fate death time nature fortune hell ave amen ah oh
    """
)
# How sentences begin; a name that only ever begins sentences must not be one of these.
OPENERS = words_of(
    """
    a about above across after afterwards again against ahead all almost alone along already also although
    always among an and another any anybody anyone anything anyway apparently around as aside at away back bare
    be because become before behind being below beneath beside besides better between beyond both breath brief
    but by bye candles careful certain certainly clearly close clouds cold come could curious dark darkness dawn
    day days dear death deep did do does done don't down dust each early either else embers enough even evening
    eventually ever every everybody everyone everything everywhere exactly except far fear few finally fine fire
    first five fog footsteps for forget forgive forward four from frost further gently gently get give given
    glass go gone good grass great gulls had half hands hardly has have having he hello help hence her here hers
    herself high him himself his hold home hope hot hours how however hundreds hush if immediately in indeed
    inside instead into is it its itself just keep knowing last later laughter leave less let light lightning
    like listen little long look lost love low luckily many maybe me mean meanwhile men midnight might mine
    minutes mist moments moonlight more morning most mother father much music must my myself near nearby nearly
    neither never nevertheless new next night nine no nobody none noon nor not nothing now nowhere of off often
    oh old on once one ones only or other others otherwise our ours out outside over own pain people perhaps
    please poor presently quick quickly quiet quietly rain rather right run sadly same save see seven several
    shall she shadows should silence silent silently simply since six slow slowly smoke snow so some somebody
    somehow someone something sometimes somewhere soon still stop stars straight strange strangers such sudden
    suddenly sunlight sure take tears ten than thank that the their theirs them themselves then there therefore
    these they thing things think this those though thoughts three through thunder thus tired to today together
    tomorrow tonight too toward towards travellers true try twelve twenty twice two under underneath unless
    until up upon us very voices wait was water waves we well were what whatever when whenever where wherever
    whether which while white who whoever whole whom whose why wild will wind with within without woman women
    wonderful words would yes yesterday yet you young your yours yourself children villagers guests sailors
    soldiers guards neighbours neighbors whispers wolves birds dogs horses crows ravens bells doors windows
    lamps lanterns torches flames ashes leaves trees branches roots waves tides boats ships sails ropes stones
    rocks hills mountains roads streets houses friends enemies brothers sisters parents boys girls time memory
    hunger anger grief joy sleep thirst truth luck winter summer spring autumn sand mud stone wood iron steel
    gold silver blood sweat paper ink
    """
)
# A dead one does not do these: what only a body does, or what is no deed.
NOT_DEEDS = words_of(
    """
    named called needed loved lived died remained seemed deserved used haunted mattered buried killed murdered
    drowned hanged wounded missed mourned trusted admired hated owned resembled belonged owed worked existed
    vanished disappeared passed perished starved planned designed built founded painted composed supposed
    """
)
# The narrator looks back or dreams, in this sentence and in the one after it.
LOOKS_BACK = (
    r"\b(?:remembered|remembering|recalled|recalling|memory of|memories of|dreamed|dreamt|imagined|"
    r"as (?:a|an) (?:boy|girl|child)|"
    r"(?:years?|months?|weeks?) (?:ago|before|earlier)|long ago|used to|once upon|in those days|back (?:then|when)|"
    r"(?:was|were) still alive|in life|before (?:the|his|her|their) (?:death|funeral|burial))\b"
)
# The sentence itself is about another time, a likeness, or what is not so.
SUPPOSES = (
    r"^once\b|\b(?:had|was|were) once\b|\bonce (?:had|been|was|were)\b|\bthen\.$|\b(?:dream|ghost|spirit|portrait|"
    r"photograph|picture|painting|statue|"
    r"recording|letter|diary|journal|haunt|imagin|remember)|\b(?:would|could|might) have\b|"
    r"\bas if\b|\bas though\b|\bif only\b|\bhad (?:always|often|never)\b|\bthe (?:day|night) (?:that )?[A-Z]|"
    r"\blast (?:winter|summer|spring|autumn|year|time)\b"
)
