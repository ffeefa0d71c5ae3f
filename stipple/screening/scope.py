"""What takes the alarm out of a danger word: denied, long past, only imagined, asked about, or somebody else's.

After ConText (Harkema 2009), for how patients write: a trigger reaches forward to the end of its clause.
"""

import re
from collections.abc import Iterable
from typing import Literal

from spacy.tokens import Doc

from stipple.screening.cues import Found

Scope = Literal["now", "denied", "past", "imagined", "other", "idiom"]

# Whoever writes of ending a life, even in a question, is taken at their word; so is whoever sees somebody choke.
_CRISIS = ("self_harm_now", "suicidal_thoughts")
_ANYBODYS = (*_CRISIS, "anaphylaxis")

_CLAUSE_END = frozenset(
    [
        ".",
        "!",
        "?",
        ";",
        "but",
        "though",
        "although",
        "however",
        "yet",
        "except",
        "apart",
        "just",
        "only",
        "tho",
        "cept",
    ]
)
_SENTENCE_END = frozenset(".!?;\n")
_LIST_JOINT = frozenset([",", "and", "or", "nor", "/", "&", "n"])
# After a joint these begin a new statement, which a "no" before it does not deny.
_NEW_STATEMENT = frozenset(
    [
        "i",
        "im",
        "ive",
        "its",
        "it",
        "my",
        "he",
        "hes",
        "she",
        "shes",
        "they",
        "theyre",
        "we",
        "now",
        "then",
        "so",
        "also",
        "got",
        "has",
        "have",
        "is",
        "the",
        "there",
        "theres",
        "thats",
        "feel",
        "feels",
        "feeling",
        "looks",
        "look",
        "seems",
        "still",
        "bit",
        "a",
    ]
)
_NEGATIONS = frozenset(
    [
        "no",
        "not",
        "nae",
        "nah",
        "none",
        "never",
        "without",
        "nowt",
        "nothin",
        "nothing",
        "zero",
        "neither",
        "nor",
        "isnt",
        "aint",
        "arent",
        "wasnt",
        "werent",
        "dont",
        "doesnt",
        "didnt",
        "hasnt",
        "havent",
        "hadnt",
        "havnt",
        "hasn",
        "didn",
        "dinnae",
        "disnae",
        "isnae",
        "hasnae",
        "cant",
        "cannot",
        "wont",
        "couldnt",
        "denies",
        "minus",
        "nil",
        "barely",
        "hardly",
        "free",
    ]
)
_DENIAL_REACH = 8
# A new subject begins a new statement also without a joint, unless it is thought or said: "dont think its infected".
_SUBJECTS = frozenset(["i", "im", "ive", "its", "it", "my", "hes", "shes", "theyre"])
_REPORTING = frozenset(
    [
        "think",
        "sure",
        "believe",
        "reckon",
        "say",
        "said",
        "know",
        "if",
        "that",
        "feel",
        "like",
        "as",
        "thinking",
        "suppose",
        "guess",
        "mean",
    ]
)
# Said after the sign: "the swelling has gone", "bleeding stopped". Not after "not" or "hasnt".
_ENDED = frozenset(
    [
        "stopped",
        "settled",
        "cleared",
        "vanished",
        "eased",
        "easing",
        "better",
        "improving",
        "fading",
        "fades",
        "faded",
        "shrinking",
        "smaller",
        "cooler",
        "less",
        "lighter",
        "calmer",
        "calming",
        "subsiding",
        "subsided",
        "paler",
        "none",
        "passed",
        "negative",
    ]
)
# "gone" alone ends a sign; "gone black" does not.
_GONE = re.compile(
    r"\bgone(?: (?:now|away|already|completely|totally|thankfully|thank\w*|today|again)\b| ?$|[ ]?[,.!?;])"
)
_NEVER_CAME = re.compile(
    r"\b(?:never|didnt|hasnt|havent|not|doesnt) (?:\w+ )?(?:appear|come|came|happen|develop|start|show|spread|move|get|got|grow|arriv)\w*"
)
_ENDED_PHRASES = (
    "gone down",
    "going down",
    "went down",
    "calmed down",
    "cleared up",
    "went away",
    "gone away",
    "dried up",
)
_ENDED_REACH = 7
_UNDO_ENDED = frozenset(["not", "hasnt", "havent", "isnt", "aint", "no", "never", "wont", "didnt", "doesnt", "arent"])

_IMAGINED = re.compile(
    r"\b(?:what if|wot if|if|in case|incase|whether|unless|should (?:it|i|there)|suppose|supposing|imagine"
    r"|(?:any|the|a|whats the|is there|are there) (?:risk|risks|chance|chances|danger|odds)"
    r"|risk of|risks of|chances? of|likely|likelihood|how common|common|ever (?:get|got|had|have|happen)"
    r"|(?:might|may|could|would|can|will|does) (?:it|this|that|you|smp|there)|do (?:you|they|people|clients|patients)|(?:could|would|can|will|may) (?:the|smp|they|there|people|clients|patients|pool|water|sweat|sun|\w+ing)"
    r"|(?:does|do|did|has|have) any(?:one|body)|anyone (?:ever|had|get)|worr(?:y|ied|ying) (?:about|that|it)|scared (?:of|about|that)"
    r"|afraid (?:of|that)|fear of|terrified of|nervous (?:about|of)|prone to|avoid|prevent|stop (?:it )?(?:getting|becoming)"
    r"|so (?:it|i) (?:doesnt|dont)|after you remove|paranoid (?:about|of|that)|dread)\b"
)
_ASKED = re.compile(
    r"\b(?:looks? like|at what|what temperature|called an?|how does|look for|look out for|tell me about|tae look|watch (?:out )?for|signs? of|symptoms? of|what (?:are|is|does|do|counts|would|causes|makes)"
    r"|whats (?:an?|the|normal)|how (?:do|would|will|can) (?:i|you|we|one) (?:know|tell|spot|recogni[sz]e)|how to (?:spot|tell|know|recogni[sz]e)"
    r"|how (?:long|soon|quickly|many|often)|difference between|explain|is (?:\w+ ){1,4}(?:a thing|common|normal (?:after|with)|possible|likely)"
    r"|leaflet|sheet says|read (?:about|that|online|up)|google|googled|article|mentions?|who do|curious|info on|information|list of"
    r"|which (?:signs|symptoms)|when (?:should|do|would) (?:i|you|we)|why (?:would|does|do|can|could))\b"
)
# Said after the sign, at the end of a question about it: "is X common", "is X a thing to watch for".
_ASKED_AFTER = re.compile(
    r"^(?:and |so |just |but )?(?:is|are|can|does|do|how|what|whats|which|why|when|would|could)\b.*"
    r"\b(?:common|a thing|a risk|likely|possible|mean|means|look like|watch for|look out for|rare|for knowledge|curious)\b"
)
_OWN = re.compile(r"\b(?:this|these|my|mine|mines|our)\b")
_PAST = re.compile(
    r"\b(?:years?|yrs|decades?|months|ages) (?:ago|back|since|before)|(?:last|previous) (?:year|summer|winter|spring|autumn|time)\b"
    r"|\b(?:in|since|back in) (?:19|20)\d\d\b|\bin \d\d\b|\bwhen i was\b|\bas a (?:kid|child|boy|girl|teen\w*|lad|wean|bairn|student|baby)\b|\bused to\b"
    r"|\bhistory of\b|\bat (?:uni|school|college)\b|\bin (?:my|me) (?:teens|twenties|thirties|20s|30s|youth|childhood)\b|\bonce had\b|\bhad \w+ once\b"
    r"|\b(?:previously|formerly|childhood|recovered|long healed|long ago|back then|last session|first session back|since healed|all clear|in remission"
    r"|years since|got over it|came through|full recovery|summers ago|winters ago)\b"
)
_NO_PERSON = re.compile(
    r"\b(?:dogs?|cats?|pupp(?:y|ies|ys)|kittens?|horses?|hamsters?|rabbits?|budgies?|parrots?|hens?|cows?|calf|lambs?|sheep|film|movie|telly|tv|soap"
    r"|series|episode|podcast|documentary|book|novel|song|game|band|news|characters?|actors?|footballers?|celeb\w*)\b"
)
_OTHERS = re.compile(
    r"\b(?:colleagues?|(?:my|our|the) boss|gaffers?|(?:a |one )?mate (?:at|from|in|of)|flatmates?|housemates?|roommates?"
    r"|neighbou?rs?|babys?|toddler|kids?|bairns?|weans?|nephew|niece|grandson|granddaughter|driver|teacher|landlord|lad in|lads? at|guy (?:at|in|on)|bloke (?:at|in|on)"
    r"|(?:my|me|ma|our|the) (?:mate|pal|friend|bestie|brother|sister|bro|sis|mum|mam|mom|dad|da|da's|nan|gran|granny|grandad|auntie|aunt|uncle|cousin|wife|husband|hubby|partner|boyfriend|girlfriend|son|daughter|missus|fella|lad|boy|girl|baby|child|ex|lodger|nana)s?)\b"
)
_TREATED = re.compile(
    r"\b(?:his|her|their|hes|shes|he|she|they|theyre|husbands?|wifes?|mums?|dads?|da|das|brothers?|sisters?|mates?|sons?|daughters?|friends?|neighbours?|partners?|hubbys?|boyfriends?|girlfriends?|fathers?|mothers?|cousins?)\b"
    r"(?:(?!\bmy (?:scalp|head|smp|session|dots)|\barm tattoo).){0,80}?\b(?:smp|scalp|head|heid|session|treatment|treated|appointment|dots|hairline|tattoo\w*|(?:had|got) (?:it|his|hers|theirs|the|her|em)? ?(?:\w+ )?done|numbin\w*|(?:the|that) cream|salon|clinic|your place|youse|yours|hair)\b"
)
# Said of somebody's own body or life they make the other person a bystander: "me and my wife", "my wife says".
_BYSTANDER = re.compile(
    r"\b(?:wife|husband|hubby|mum|mam|mom|dad|partner|mate|boyfriend|girlfriend|brother|sister|missus|son|daughter|friend|boss|colleague|kids?|nan|gran)s?"
    r" (?:says?|said|reckons?|thinks?|thought|noticed|told|saw|spotted|looked|checked|is driving|found|keeps saying|grabbed|wants|wont|hit|knocked|kicked|headbutted|bumped|asked|asks)\b"
)
_IDIOMS = re.compile(
    r"\brather die than\b|\bdying (?:to|for|of (?:boredom|curiosity|embarrassment|laughter|laughing|heat))|\bdie(?:d|s)? (?:of|from) (?:boredom|embarrassment|shame|laugh\w*|curiosity|cringe)|\bto die for\b|\bdie laughing\b|\bdied laughing\b"
    r"|\b(?:itch\w*|heat|wait\w*|suspense|curiosity|shoes|feet|legs|knees|traffic|boredom|humidity|hat|cap|price|cost|parking|hayfever|job|work|kids|alarm) (?:is|are|was|does|s)? ?(?:\w+ )?(?:kill\w*|murder\w*)(?: me)?"
    r"|\bkill(?:ing|s)? me\b|\b(?:i|id|i'd|would|could|wud) (?:\w+ )?(?:kill|murder|die) for\b|\bkill(?:ing|ed)? (?:it|time|for|off)\b|\b(?:gonna|will|going to|ll|would) kill me\b|\bmy \w+ (?:will|would|is gonna|gonna) kill me\b"
    r"|\bsick (?:of|and tired)\b|\bsick (?:fade|look|result|job|work|lines?)\b|\bwell sick\b|\blooks? sick\b|\bworried sick\b|\bsick with (?:nerves|worry)\b"
    r"|\b(?:scared|bored|frightened|worried|tickled|terrified|starv\w+|frozen|freezing) (?:to|half to) death\b|\bdeath (?:of|by) \w+|\bto death\b"
    r"|\bheart (?:sank|skipped a beat|melt\w*|stopped|broke\w*|is set|throb)\b|\bheart attack (?:when|at|from)\b|\bnearly (?:fainted|died|collapsed|passed out|had a (?:heart attack|fit)) (?:when|at|with|from|laughing|seeing)\b"
    r"|\b(?:had|having|have|throw\w*|threw|has) a (?:fit|meltdown|wobbly) (?:when|about|over|cos|if|because)\b|\bfit to burst\b|\bfits? (?:me|my|well|snug\w*|under|over|nice\w*|like|perfect\w*|tight\w*)\b"
    r"|\bdead (?:chuffed|good|nice|happy|pleased|easy|quick|sharp|natural|on|set|line|skin|ends|straight|keen|excited|lift\w*|weight\w*|right|slow|tired|subtle)\b"
    r"|\bbreath of fresh air\b|\bhold\w* (?:my|your|me) breath\b|\btak\w+ (?:my|me) breath away\b|\bbreathtaking\b|\bbreathe (?:again|easy|easier|a sigh)\b|\blet (?:it|the skin|my scalp|scalp) breathe\b|\bout of breath (?:from|after|laughing|running|climbing)\b"
    r"|\bpain in the (?:neck|arse|bum|backside|butt|ass)\b|\bblow\w* (?:me|my mind|us) away\b|\bon fire\b|\bburning (?:question|desire|calories|ambition|curiosity|up the)\b|\bhot (?:shower|bath|water|tub|weather|day|drink|yoga|room|towel|tea|coffee|chocolate|meal|food|desk\w*|sun|country|climate|dog|sauce|curry|kitchen|oil|date|press)\b"
    r"|\bswell(?:ing)? with pride\b|\bbig head(?:ed)?\b|\bheadache (?:getting|sorting|booking|to (?:park|book|find|sort)|of a)\b|\b(?:blood test|blood donat\w+|give blood|giving blood|donate blood|blood orange|blood type|blood group|bloody)\b"
    r"|\bhead over heels\b|\bcracked it\b|\bknock\w* (?:it|em|them) out (?:of the park)?\b|\bpass(?:ed)? out (?:leaflets|flyers|cards)\b|\bshak\w+ (?:off|hands|my head|my hand)\b|\bspreading the word\b|\bgrow(?:ing)? (?:up|out|old)\b"
    r"|\bend of (?:the|my|this)\b|\bend up\b|\bover the moon\b|\blight ?head(?:ed)? (?:joke|banter)\b|\bdead end\b|\bdeadline\b|\bsuicide squad\b|\bsuicide prevention\b|\bdye(?:ing)?\b|\bcut myself some slack\b|\bcut (?:him|her|my)self shaving\b|\bblack ?out blinds?\b|\bfever tree\b|\bhot weather\b|\bso hot\b|\bman flu\b|\bcold (?:water|weather|shower|front)\b"
)


def clause(doc: Doc, cue: Found) -> tuple[int, int]:
    """The words of the sentence around a cue, from the last sentence end or "but" before it to the next after it."""
    start = next((i + 1 for i in range(cue.start - 1, -1, -1) if doc[i].text in _CLAUSE_END), 0)
    end = next((i for i in range(cue.end, len(doc)) if doc[i].text in _CLAUSE_END), len(doc))
    return start, end


def scope_of(doc: Doc, cue: Found) -> Scope:
    """How a cue is meant; ``now`` when nothing takes the alarm out of it."""
    start, end = clause(doc, cue)
    first = next((i + 1 for i in range(cue.start - 1, -1, -1) if doc[i].text in _SENTENCE_END), 0)
    last = next((i for i in range(cue.end, len(doc)) if doc[i].text in _SENTENCE_END), len(doc))
    statement = doc[_statement_start(doc, cue, start) : cue.end].text
    if _within(_IDIOMS.finditer(doc.text), doc, cue):
        return "idiom"
    if _denied(doc, cue, start) or _ended(doc, cue, end):
        return "denied"
    if cue.flag not in _CRISIS and _is_imagined(statement, doc[start:end].text):
        return "imagined"
    if _PAST.search(doc[first:last].text):
        return "past"
    if _is_others(doc.text, doc[first : cue.end].text, cue.flag in _ANYBODYS):
        return "other"
    return "now"


def _is_imagined(statement: str, whole_clause: str) -> bool:
    asked = list(_ASKED.finditer(statement))
    # "What is this pus on my pillow" asks about what is there.
    if asked and not _OWN.search(statement[asked[-1].end() :]):
        return True
    return bool(_IMAGINED.search(statement) or _ASKED_AFTER.search(whole_clause))


def _statement_start(doc: Doc, cue: Found, clause_start: int) -> int:
    """Where the statement that holds the cue begins: after a joint that a new subject follows."""
    for place in range(cue.start - 1, clause_start - 1, -1):
        if doc[place].text in _LIST_JOINT and doc[place + 1].text in _NEW_STATEMENT:
            return place + 1
    return clause_start


def _within(matches: Iterable[re.Match[str]], doc: Doc, cue: Found) -> bool:
    first, last = doc[cue.start].idx, doc[cue.end - 1].idx + len(doc[cue.end - 1])
    return any(m.start() < last and first < m.end() for m in matches)


def _denied(doc: Doc, cue: Found, clause_start: int) -> bool:
    """Whether a "no" before the cue reaches it, over a list but not into a new statement."""
    for place in range(cue.start - 1, max(clause_start, cue.start - _DENIAL_REACH) - 1, -1):
        word = doc[place].text
        if word in _NEGATIONS:
            return True
        if word in _SUBJECTS and place > 0 and doc[place - 1].text not in _REPORTING:
            return False
        if word in _LIST_JOINT and doc[place + 1].text in _NEW_STATEMENT:
            return False
    return False


def _ended(doc: Doc, cue: Found, clause_end: int) -> bool:
    """Whether the clause goes on to say that the sign is over or easing."""
    last = min(clause_end, cue.end + _ENDED_REACH)
    after = doc[cue.end : last]
    joint = next(
        (t.i for t in after if t.text in _LIST_JOINT and t.i + 1 < len(doc) and doc[t.i + 1].text in _NEW_STATEMENT),
        last,
    )
    words = [t.text for t in doc[cue.end : joint]]
    told = " ".join(words)
    if cue.flag not in _CRISIS and _NEVER_CAME.search(told):
        return True
    if any(w in _UNDO_ENDED for w in words):
        return False
    return any(w in _ENDED for w in words) or any(p in told for p in _ENDED_PHRASES) or bool(_GONE.search(told))


def _is_others(text: str, before: str, anybodys: bool) -> bool:
    """Whether the sign is an animal's, a story's, or, unless it concerns ``anybodys``, an untreated person's."""
    if _NO_PERSON.search(before):
        return True
    told = _BYSTANDER.sub(" ", before)
    return not anybodys and bool(_OTHERS.search(told)) and not _TREATED.search(text)


_CALMING = re.compile(
    r"\b(?:no|not|never|without|none|nowt|zero|isnt|arent|wasnt|didnt|doesnt|dont|hasnt|havent|aint|stopped|gone|fine|normal|ok|okay|better|less|shrinking"
    r"|paler|cooler|easing|eased|settled|fading|faded|healed|worth|telly|film|movie|dog|cat|if|what|how|which|is there)\b"
)


def sounds_calm(doc: Doc) -> bool:
    """Whether words are there that could take an alarm back, though no cue says of what."""
    return bool(_CALMING.search(doc.text) or _IDIOMS.search(doc.text))
