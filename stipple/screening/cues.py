"""Cues: patterns of words that name a danger sign, read from ``cues.yml`` and found with spaCy's matcher."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import spacy
import yaml
from spacy.matcher import Matcher
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

CUES_FILE = Path(__file__).parent / "cues.yml"
# A gap of a pattern never reaches over the end of a sentence, nor over a word that turns its sense round.
GAP_ENDS = [*".!?;\n", "no", "not", "nae", "never", "without", "isnt", "arent", "wasnt", "aint", "but", "less"]
GAP = {"TEXT": {"NOT_IN": GAP_ENDS}}
PUNCTUATION = r"[.!?;,:()\"\n/…—–-]"


class Found(NamedTuple):
    """A cue in a message: the danger sign it names, and the words ``start`` to ``end`` that name it.

    ``suffices`` is whether it raises the sign however unlikely the classifier finds it.
    """

    flag: str
    start: int
    end: int
    suffices: bool = False


@dataclass(frozen=True)
class CueGroup:
    """Patterns of one danger sign from one source, with the healing days on which they count.

    ``suffices`` is for words that leave no doubt where they are meant: the classifier has then no say.
    """

    flag: str
    source: str
    patterns: tuple[str, ...]
    from_day: int = 0
    until_day: int | None = None
    suffices: bool = False

    def counts_on(self, day: int | None) -> bool:
        """Whether the cues count on a healing day; on an unknown one they do."""
        return day is None or (self.from_day <= day and (self.until_day is None or day <= self.until_day))


class Cues:
    """All cues, compiled."""

    def __init__(self, file: Path = CUES_FILE) -> None:
        told: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        lists = {name: words.split("|") for name, words in told["lists"].items()}
        self.groups = [CueGroup(**{**group, "patterns": tuple(group["patterns"])}) for group in told["cues"]]
        self._nlp = spacy.blank("en")
        self._nlp.tokenizer = Tokenizer(
            self._nlp.vocab,
            prefix_search=re.compile("^" + PUNCTUATION).search,
            suffix_search=re.compile(PUNCTUATION + "$").search,
            infix_finditer=re.compile(r"[.!?;,:()\"\n/…]+(?=[^\d])").finditer,
        )
        self.risks = [CueGroup(**{**group, "patterns": tuple(group["patterns"])}) for group in told["risks"]]
        self._cue_matcher = self._compile(self.groups, lists)
        self._risk_matcher = self._compile(self.risks, lists)

    def _compile(self, groups: list[CueGroup], lists: dict[str, list[str]]) -> Matcher:
        matcher = Matcher(self._nlp.vocab)
        for number, group in enumerate(groups):
            matcher.add(str(number), [compile_pattern(p, lists) for p in group.patterns])
        return matcher

    def read(self, text: str) -> Doc:
        """The words of ``text``, in lower case and without apostrophes."""
        return self._nlp.make_doc(re.sub(r"(?<=\w)['’`´](?=\w)", "", text.lower()))

    def find(self, doc: Doc, day: int | None) -> list[Found]:
        """Every cue of the message that counts on the healing day, in order, longest first where they overlap."""
        return self._find(self._cue_matcher, self.groups, doc, day)

    def find_risks(self, doc: Doc) -> list[Found]:
        """Every mention of what makes a sign more serious, whatever its scope."""
        return self._find(self._risk_matcher, self.risks, doc, None)

    def _find(self, matcher: Matcher, groups: list[CueGroup], doc: Doc, day: int | None) -> list[Found]:
        found = {
            Found(group.flag, start, end, group.suffices)
            for match, start, end in matcher(doc)
            if (group := groups[int(self._nlp.vocab.strings[match])]).counts_on(day)
        }
        return sorted(found, key=lambda cue: (cue.start, -cue.end, cue.flag))


def compile_pattern(pattern: str, lists: dict[str, list[str]]) -> list[dict[str, Any]]:
    """spaCy's form of one line of ``cues.yml``.

    Raises:
        ValueError: when a word in capitals is no list.
    """
    tokens: list[dict[str, Any]] = []
    for word in pattern.split():
        if word.startswith("~"):
            tokens.append({**GAP, "OP": f"{{0,{int(word[1:])}}}"})
        else:
            optional = {"OP": "?"} if word.endswith("?") else {}
            tokens.append({"LOWER": _any_of(word.rstrip("?"), lists)} | optional)
    return tokens


def _any_of(word: str, lists: dict[str, list[str]]) -> dict[str, Any]:
    choices: list[str] = []
    for choice in word.strip("()").split("|"):
        choice = choice.strip("()")
        if choice.isupper() and choice not in lists:
            raise ValueError(f"{choice} is no list of words")
        choices += lists.get(choice, [choice])
    if any("*" in choice for choice in choices):
        return {"REGEX": "^(?:" + "|".join(re.escape(c).replace(r"\*", r"\w*") for c in choices) + ")$"}
    return {"IN": choices}
