"""Long JSON files are read entry by entry, and mean what they mean to json."""

import json
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ImageError
from core.formats import large_json
from core.formats.large_json import LargeJson

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
objects = st.lists(st.dictionaries(st.text(max_size=3), values, max_size=3), max_size=4)
texts = st.sampled_from([{"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}, {}])


def opened(text: str) -> LargeJson:
    return LargeJson(BytesIO(text.encode()), "file.json")


@given(st.dictionaries(st.text(max_size=3), objects, max_size=3), st.dictionaries(st.text(min_size=4), values), texts)
def test_entries_are_those_that_json_finds(lists: dict[str, Any], more: dict[str, Any], how: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_json, "_CHUNK", 5)  # so that all falls apart somewhere
        file = opened(json.dumps(more | lists, **how))
        for field, expected in lists.items():
            assert [entry.value for entry in file.each(field)] == expected


@given(objects, texts)
def test_the_file_itself_may_be_the_list(expected: list[Any], how: dict[str, Any]) -> None:
    assert [entry.value for entry in opened(json.dumps(expected, **how)).each()] == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [{"b": 1}, NaN]}',
        '{"a": [{"b": 1}], "a": [{"b": 2}]}',
        '{"a": [{"b": 1}',
        '{"a": [{"b": "',
        '{"a": [{"b": 1} {"b": 2}]}',
        '[{"b": 1}',
        "]" * 9,
        "",
        "[" * 100_000,
        "[{}" + "[" * 100_000,
        '{"a": [{"b": ]}]}',
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ImageError, match=r"(not JSON that can be read|nested too deeply)"):
        opened(text)


@pytest.mark.parametrize("entry", ['{"b" 1}', '{"b": nul}', '{"b": ' + "[" * 100_000 + "]" * 100_000 + "}"])
def test_a_damaged_entry_is_refused_when_it_is_asked_for(entry: str) -> None:
    file = opened('{"a": [{"b": 1}, ' + entry + "]}")
    assert file.entry(0)["b"].value == 1
    with pytest.raises(ImageError, match=r"(not JSON that can be read|nested too deeply)"):
        file.entry(1)


@pytest.mark.parametrize("value", ["[1, 2]", "[[{}]]", '[{}, "x"]', '{"b": []}', "null"])
def test_other_lists_are_no_entries(value: str) -> None:
    with pytest.raises(ImageError, match='"a" is no list of objects'):
        opened('{"a": ' + value + "}").entries("a")


def test_what_is_wrong_is_said_with_its_place() -> None:
    file = opened('{"a": [{}], "b": [{}, {"c": "x"}]}')
    with pytest.raises(ImageError, match=r"at b\[1\]\.c a number is expected"):
        list(file.each("b"))[1]["c"].number()


def test_files_of_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_json, "_MOST_ENTRIES", 2)
    assert len(opened("[{}, {}]").entries()) == 2
    with pytest.raises(ImageError, match="more entries than can be read"):
        opened("[{}, {}, {}]")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    entry = json.dumps({"id": 1, "counts": "x" * 10_000})
    path = tmp_path / "long.json"
    path.write_text("[" + ",\n".join([entry] * 3000) + "]")
    with path.open("rb") as opened_file:
        tracemalloc.start()
        assert sum(node["id"].whole() for node in LargeJson(opened_file, path.name).each()) == 3000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert path.stat().st_size > 2**24 + 2**23
    assert peak < 2**24 + 2**22
