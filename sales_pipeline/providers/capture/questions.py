"""Questions of a payload and the places where their answers belong."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...tools.field_names import choose_targets
from ...tools.text import several_lines

#: What a mapping may say of a question instead of one of our words.
KEEP_AS_ANSWER, IGNORE = "answer", "ignore"
#: Before the name of a field that the database's owner added to leads.
OWN_FIELD = "field:"
# Words whose readers understand lists and objects.
_STRUCTURED = {"tags", "consent"}


@dataclass(frozen=True)
class Question:
    """One question of a payload with what was answered.

    :param name: the sender's own name for it, the same in every payload
    :param label: how a person would read it
    :param value: text, number, boolean, list or mapping; what it is stays to be read
    :param target: our word for it, as far as the provider knows it
    """

    name: str
    label: str
    value: Any
    target: str | None = None


def guess_targets(questions: Iterable[Question], by_label: bool = False) -> list[Question]:
    """Return questions with the words that their names suggest, each word given once, where they have none yet.

    :param by_label: go by the labels, for names that are paths
    """
    found = list(questions)
    taken = {question.target for question in found}
    asked = [question.label if by_label else question.name for question in found]
    guesses = choose_targets([text for text, question in zip(asked, found, strict=True) if not question.target])
    guessed = []
    for text, question in zip(asked, found, strict=True):
        target = question.target or guesses.get(text)
        is_free = target is not None and (question.target or target not in taken)
        guessed.append(replace(question, target=target if is_free else None))
        taken.add(target)
    return guessed


def sort_questions(
    questions: Iterable[Question], mapping: Mapping[str, str]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the values under our own words, and the answers that stay readable.

    Nothing that was answered is lost unless the mapping ignores it: what has no word, or whose word is taken by
    another question, becomes an answer. A word given by the mapping is taken before one that the provider knows.

    >>> sort_questions([Question("mail", "Mail", "a@b.example", "email"), Question("q7", "Colour?", "red")], {})
    ({'email': 'a@b.example'}, [('Colour?', 'red')])
    """
    answered = [question for question in questions if question.value not in (None, "", [], {})]
    mapped = [question for question in answered if mapping.get(question.name, KEEP_AS_ANSWER) != KEEP_AS_ANSWER]
    others = [question for question in answered if question.name not in mapping]
    values: dict[str, Any] = {}
    placed: set[int] = set()
    for question in [*mapped, *others]:
        target = mapping.get(question.name, question.target)
        if target == IGNORE or (target and _place(values, target, question)):
            placed.add(id(question))
    answers = [(question.label, readable(question.value)) for question in answered if id(question) not in placed]
    return values, [(label, text) for label, text in answers if text]


def _place(values: dict[str, Any], target: str, question: Question) -> bool:
    """Put the answer under our word; tell whether it found room there."""
    value = _fit(target, question.value)
    if value is None:
        return False
    if target.startswith(OWN_FIELD):
        value = (question.label, value)
    if target not in values:
        values[target] = value
    elif target == "message":
        values[target] = f"{values[target]}\n{question.label}: {value}"
    elif target == "tags":
        values[target] = [*_as_list(values[target]), *_as_list(value)]
    else:
        return False
    return True


def _fit(target: str, value: Any) -> Any:
    if target in _STRUCTURED or not isinstance(value, list | Mapping):
        return value
    return readable(value) if isinstance(value, list) and not any(map(_is_nested, value)) else None


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | Mapping)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else str(value).replace(";", ",").replace("|", ",").split(",")


def readable(value: Any) -> str | None:
    """Return an answer as a person would read it, or None when nothing was answered.

    >>> readable(["red", "blue"]), readable(True), readable([{"sku": 1}])
    ('red, blue', 'yes', '[{"sku": 1}]')
    """
    if isinstance(value, list) and not any(map(_is_nested, value)):
        return ", ".join(filter(None, map(readable, value))) or None
    if isinstance(value, list | Mapping):
        return several_lines(json.dumps(value, ensure_ascii=False)) if value else None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return several_lines(value)
