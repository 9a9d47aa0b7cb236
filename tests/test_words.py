"""Every word of the code can be said in German, and what is compiled is what was written. No gettext tools needed."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
#: Room → the catalogue its words are in: the apps bring theirs along into any shop.
CATALOGUES = {"catalog": "catalog/locale", "recommendations": "recommendations/locale", "vogue_site": "locale"}
#: What asks for a translation → how many leading arguments are context and message.
CALLS = {"gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}
CALLS |= {f"{name}_lazy": count for name, count in CALLS.items()} | {"gettext_noop": 1}
#: What a translation may not lose or invent.
PLACES = re.compile(r"%\(\w+\)[a-z]|%%|%[a-z]|\{\w+\}")
LANGUAGES = ("de",)


class Message(NamedTuple):
    """A message as a catalogue has it."""

    context: str | None
    singular: str
    plural: str | None = None


def message(name: str, words: list[str]) -> Message:
    """Return the message a call asks for."""
    kind = name.removesuffix("_lazy").removesuffix("_noop")
    context = words.pop(0) if kind.startswith(("p", "np")) else None
    return Message(context, words[0], words[1] if "n" in kind.removesuffix("gettext") else None)


def in_python(source: str) -> Iterator[Message]:
    """Yield the messages of a module."""
    tree = ast.parse(source)
    names = {name: name for name in CALLS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in CALLS}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            name = names[node.func.id]
            words = [arg.value for arg in node.args[: CALLS[name]] if isinstance(arg, ast.Constant)]
            if len(words) == CALLS[name]:
                yield message(name, [str(word) for word in words])


def in_template(source: str) -> Iterator[Message]:
    """Yield the messages of a template: Django writes its tags as calls of Python."""
    text = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    for name, arguments in re.findall(rf"\b(n?p?gettext|_)\(({text}(?:\s*,\s*{text})*)", templatize(source)):
        words = ast.literal_eval(f"({arguments},)")
        yield message("gettext" if name == "_" else name, list(words))


@cache
def of_the_code(catalogue: str) -> set[Message]:
    """Return every message of the source whose words belong into a catalogue."""
    found: set[Message] = set()
    rooms = [room for room, where in CATALOGUES.items() if where == catalogue]
    for room in rooms:
        for path in (ROOT / room).rglob("*.py"):
            found.update(in_python(path.read_text("utf-8")))
    for folder in [*rooms, *(["templates"] if catalogue == "locale" else [])]:
        for path in (ROOT / folder).rglob("*.html"):
            found.update(in_template(path.read_text("utf-8")))
    return found


def written(catalogue: str, language: str) -> Catalog:
    """Return what the .po file says."""
    with (ROOT / catalogue / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def entries(catalog: Catalog) -> dict[Message, list[str]]:
    """Return the translations of a catalogue, each with all its forms."""
    found = {}
    for entry in catalog:
        if not entry.id:
            continue
        singular, plural = (entry.id[0], entry.id[1]) if isinstance(entry.id, tuple | list) else (entry.id, None)
        forms = entry.string if isinstance(entry.string, tuple | list) else [entry.string]
        found[Message(entry.context, singular, plural)] = [str(form or "") for form in forms]
    return found


each_catalogue = pytest.mark.parametrize("catalogue", sorted(set(CATALOGUES.values())))
each_language = pytest.mark.parametrize("language", LANGUAGES)


def test_messages_are_found_in_python_and_in_templates() -> None:
    python = "from django.utils.translation import gettext_lazy as _, ngettext as n\n_('a' 'b'); n('one', 'many', 3)"
    assert set(in_python(python)) == {Message(None, "ab"), Message(None, "one", "many")}
    template = """{% load i18n %}{% translate "it's" %}{% translate "May" context "month" %}
    {% blocktranslate count n=k %}{{ n }} dog{% plural %}{{ n }} dogs{% endblocktranslate %}{{ x|default:_("none") }}"""
    assert set(in_template(template)) == {
        Message(None, "it's"),
        Message("month", "May"),
        Message(None, "%(n)s dog", "%(n)s dogs"),
        Message(None, "none"),
    }


@each_language
@each_catalogue
def test_every_message_of_the_code_is_translated_and_nothing_else(catalogue: str, language: str) -> None:
    catalog = written(catalogue, language)
    said = entries(catalog)
    assert sorted(map(str, of_the_code(catalogue) - set(said))) == [], "run `make words`, then translate"
    assert sorted(map(str, set(said) - of_the_code(catalogue))) == [], "run `make words`: nobody says this any more"
    assert [str(m) for m, forms in said.items() if not all(form.strip() for form in forms)] == []
    assert [str(entry.id) for entry in catalog if entry.id and entry.fuzzy] == []


@each_language
@each_catalogue
def test_a_translation_keeps_every_number_and_name(catalogue: str, language: str) -> None:
    wrong = []
    for asked, forms in entries(written(catalogue, language)).items():
        places = sorted(PLACES.findall(asked.plural or asked.singular))
        assert len(forms) == (2 if asked.plural else 1)
        wrong += [form for form in forms if sorted(PLACES.findall(form)) != places]
    assert wrong == []


@each_language
@each_catalogue
def test_what_is_compiled_is_what_was_written(catalogue: str, language: str) -> None:
    with (ROOT / catalogue / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    said = entries(written(catalogue, language))
    for asked, forms in said.items():
        for n, form in enumerate(forms):
            number = 1 if n == 0 else 2
            if asked.plural is None:
                got = (
                    compiled.pgettext(asked.context, asked.singular)
                    if asked.context
                    else compiled.gettext(asked.singular)
                )
            else:
                got = compiled.ngettext(asked.singular, asked.plural, number)
            assert got == form, f"{asked}: run `make words`"
    # One header, and one message for each form.
    assert len(compiled._catalog) == 1 + sum(map(len, said.values()))  # type: ignore[attr-defined]
