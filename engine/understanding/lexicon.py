"""Words that point to one topic, found with spaCy's phrase matcher."""

from typing import Dict, List, NamedTuple

import spacy
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans


class Mention(NamedTuple):
    """A word or phrase of the lexicon in a text; ``label`` is ``kind/topic``, offsets count characters."""

    label: str
    start: int
    end: int


class Lexicon:
    """Finds the terms of each label; where terms overlap the longest wins, where labels share a term both count."""

    def __init__(self, terms: Dict[str, List[str]]) -> None:
        self.labels = sorted(terms)
        self._terms = terms
        self._nlp = spacy.blank("en")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        for label, phrases in terms.items():
            self._matcher.add(label, [self._nlp.make_doc(phrase) for phrase in phrases])

    def mentions(self, text: str) -> List[Mention]:
        """All mentions in ``text``, in order."""
        doc = self._nlp.make_doc(text)
        spans = self._matcher(doc, as_spans=True)
        kept = {(s.start, s.end) for s in filter_spans(spans)}
        found = {Mention(s.label_, s.start_char, s.end_char) for s in spans if (s.start, s.end) in kept}
        return sorted(found, key=lambda m: (m.start, m.label))

    def __getstate__(self) -> Dict[str, Dict[str, List[str]]]:
        return {"terms": self._terms}

    def __setstate__(self, state: Dict[str, Dict[str, List[str]]]) -> None:
        self.__init__(state["terms"])  # type: ignore[misc]
