"""Loading the content pack: every file of ``data/clinic``, with file, line and field in each error."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from stipple.content import schema

# Kinds whose topics the clinic chooses by its content files.
SUBJECTS = ("aftercare", "healing_sign", "red_flag", "eligibility", "goals", "about_smp", "preparation", "visit")


class _Loader(yaml.SafeLoader):
    """Leaves dates and numbers as text, which the schema reads.

    YAML itself would take 10:00 for the number 600, and fail on an impossible date without naming its line.
    """


_LEFT_AS_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _LEFT_AS_TEXT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class ContentError(Exception):
    """A content file cannot be used; the message names file, line and field, one problem a line."""


@dataclass(frozen=True)
class Statement:
    """One instruction of the pack as it is published: its identifier and its approved text."""

    id: str
    subject: str
    topic: str
    approved: schema.Approved


@dataclass(frozen=True)
class Pack:
    """All content of the clinic, by identifier.

    ``danger_versions`` are the versions of the danger signs' texts, by identifier; none are known of texts from files.
    """

    profile: schema.Profile
    care_plan: dict[str, schema.CareTopic]
    signs: dict[str, schema.Sign]
    red_flags: dict[str, schema.RedFlag]
    conditions: dict[str, schema.Condition]
    goals: dict[str, schema.Goal]
    about: dict[str, schema.AboutTopic]
    preparation: dict[str, schema.PreparationTopic]
    visit: dict[str, schema.VisitTopic]
    replies: dict[str, str]
    titles: dict[str, str]
    danger_versions: dict[str, int] = field(default_factory=dict)

    def statements(self) -> Iterator[Statement]:
        """Every instruction a patient can be shown, in file order."""
        for subject in SUBJECTS:
            for entry in self.entries(subject).values():
                if isinstance(entry, schema.CareTopic | schema.Sign):
                    for window in entry.windows:
                        yield Statement(f"{subject}/{entry.id}/{window.span}", subject, entry.id, window)
                elif isinstance(entry, schema.Approved):
                    yield Statement(f"{subject}/{entry.id}", subject, entry.id, entry)

    def entries(self, kind: str) -> Mapping[str, schema.Entry]:
        """The entries that answer questions of a kind, by topic; empty for a kind that has no file."""
        known: dict[str, Mapping[str, schema.Entry]] = {
            "aftercare": self.care_plan,
            "healing_sign": self.signs,
            "red_flag": self.red_flags,
            "eligibility": self.conditions,
            "goals": self.goals,
            "about_smp": self.about,
            "preparation": self.preparation,
            "visit": self.visit,
        }
        return known.get(kind, {})

    def title(self, label: str) -> str | None:
        """Human words for ``kind/topic``, for buttons and "Did you mean …?"; None when it has none."""
        kind, _, topic = label.partition("/")
        entry = self.entries(kind).get(topic)
        return entry.title if entry else self.titles.get(label)


def load_pack(folder: Path) -> Pack:
    """Load and check every content file of ``folder``.

    Raises:
        ContentError: when a file is missing, is not YAML, or does not fit its schema.
    """
    replies = _load(folder / "replies.yml", schema.ReplyTexts)
    return Pack(
        profile=_load(folder / "profile.yml", schema.Profile),
        care_plan=_by_id(folder / "care_plan.yml", _load(folder / "care_plan.yml", schema.CarePlanFile).topics),
        signs=_by_id(folder / "healing_signs.yml", _load(folder / "healing_signs.yml", schema.SignsFile).signs),
        red_flags=_by_id(folder / "red_flags.yml", _load(folder / "red_flags.yml", schema.RedFlagsFile).red_flags),
        conditions=_by_id(
            folder / "eligibility.yml", _load(folder / "eligibility.yml", schema.EligibilityFile).conditions
        ),
        goals=_by_id(folder / "goals.yml", _load(folder / "goals.yml", schema.GoalsFile).goals),
        about=_by_id(folder / "about_smp.yml", _load(folder / "about_smp.yml", schema.AboutFile).topics),
        preparation=_by_id(
            folder / "preparation.yml", _load(folder / "preparation.yml", schema.PreparationFile).topics
        ),
        visit=_by_id(folder / "visit.yml", _load(folder / "visit.yml", schema.VisitFile).topics),
        replies=replies.texts,
        titles=replies.titles,
    )


def _by_id[E: schema.Entry](path: Path, entries: Iterable[E]) -> dict[str, E]:
    found: dict[str, E] = {}
    for place, entry in enumerate(entries):
        if entry.id in found:
            data, tree = _parse(path)
            where = (*data, place, "id")
            raise ContentError(f"{path}: line {_line(tree, where)}: {_dotted(where)}: {entry.id} stands there twice")
        found[entry.id] = entry
    return found


def _load[M: BaseModel](path: Path, model: type[M]) -> M:
    data, tree = _parse(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = (
            f"{path}: line {_line(tree, e['loc'])}: {_dotted(e['loc'])}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        raise ContentError("\n".join(problems)) from None


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "file"


def _parse(path: Path) -> tuple[Any, yaml.Node | None]:
    """The file's content, and the tree that knows the line of each part."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"{path}: cannot be read ({error})") from None
    try:
        loader = _Loader(source)
        tree = loader.get_single_node()
        return (loader.construct_document(tree) if tree else None), tree
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise ContentError(f"{path}:{line} not valid YAML ({getattr(error, 'problem', error)})") from None


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """Line (from 1) of the deepest part of ``location`` that the file has."""
    line = 1
    for part in location:
        child: yaml.Node | None = None
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    child, line = value, key.start_mark.line + 1
        if child is None:
            break
        if isinstance(node, yaml.SequenceNode):
            line = child.start_mark.line + 1
        node = child
    return line
