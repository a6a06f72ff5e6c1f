"""English text and the words in it, as they come with Python."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from downslope.data.arrays import read_only
from downslope.data.tables import Split
from downslope.validation import Interval

__all__ = ["Paragraphs", "Text", "paragraphs", "text"]

CHARACTERS = "\n" + "".join(map(chr, range(32, 127)))
TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})

TOPICS = {
    "compound": "compound statements",
    "debugger": "debugger",
    "formatstrings": "format strings",
    "specialnames": "special methods",
    "string-methods": "string methods",
    "types": "types",
    "typesmapping": "dictionaries",
    "typesseq": "sequences",
}
FEWEST_WORDS = 5
FEWEST_PARAGRAPHS = 2


@dataclass(frozen=True, eq=False)
class Text:
    """Characters as numbers: `train` and `test` are ids, places in `vocabulary`; read-only."""

    train: np.ndarray
    test: np.ndarray
    vocabulary: str

    def encode(self, words: str) -> np.ndarray:
        """The ids of a string, shape (characters,).

        Raises
        ------
        ValueError
            A character is not in the vocabulary.
        """
        if unknown := sorted(set(words) - set(self.vocabulary)):
            raise ValueError(f"words must consist of characters of the vocabulary, got {unknown[0]!r}")
        return np.array([self._ids[character] for character in words], dtype=np.int64)

    def decode(self, ids: np.ndarray) -> str:
        """The string of ids, shape (characters,).

        Raises
        ------
        ValueError
            An id is no place in the vocabulary.
        """
        if unknown := sorted(set(np.unique(ids).tolist()) - set(range(len(self.vocabulary)))):
            raise ValueError(f"ids must be in [0, {len(self.vocabulary)}), got {unknown[0]}")
        return "".join(self.vocabulary[i] for i in ids)

    def windows(self, length: int) -> Split:
        """Examples for a model that says which character comes next.

        Parameters
        ----------
        length : int
            Characters in an example.

        Returns
        -------
        Split
            The text in pieces, none of which overlap: `x` of shape (pieces, length), and `y`, which is `x` one
            character later.

        Raises
        ------
        TypeError
            `length` is no integer.
        ValueError
            The test text is not longer than `length`, or `length` is not positive.
        """
        Interval(1, len(self.test), whole=True).check("length", length)
        return Split(*map(read_only, (*_pieces(self.train, length), *_pieces(self.test, length))))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.vocabulary)}


@dataclass(frozen=True, eq=False)
class Paragraphs(Split):
    """A `Split` with the names of its columns, `words`, and of its classes, `topics`."""

    words: tuple[str, ...]
    topics: tuple[str, ...]


@cache
def text() -> Text:
    """Python's own manual: English, with some grammar and code between, one character after the other.

    Returns
    -------
    Text
        About 350 000 characters, the first nine tenths to train on and the rest to test on. The vocabulary is fixed:
        the line break and the 95 characters of ASCII that can be printed.

    Notes
    -----
    `pydoc_data.topics`, what ``help`` shows, from the Python documentation (PSF License 2, examples Zero-Clause BSD).
    Topics in the order of the alphabet; a paragraph that stands in several is kept where it comes first, so that
    nothing of the test is in the training; rules of a table or under a heading are left out. **The text is that of the
    Python that runs**: 3.11, 3.12 and 3.13 differ by about a tenth, so a number measured on it belongs to one version.

    Examples
    --------
    >>> t = text()
    >>> len(t.vocabulary), t.encode("for"), t.decode(t.train[:22])
    (96, array([71, 80, 83]), 'The "assert" statement')
    >>> t.windows(64).x_train.shape[1]
    64
    """
    ids = {character: i for i, character in enumerate(CHARACTERS)}
    joined = "\n\n".join(paragraph for _, paragraph in _manual())
    everything = np.array([ids[character] for character in joined], dtype=np.int64)
    train, test = np.split(everything, [len(everything) * 9 // 10])
    return Text(read_only(train), read_only(test), CHARACTERS)


@cache
def paragraphs() -> Paragraphs:
    """Which chapter of Python's manual a paragraph is from, by the words that occur in it: sparse features.

    Returns
    -------
    Paragraphs
        About 900 paragraphs, four fifths to train on, drawn once and for all: `x` of shape (n, words), 1 where
        the word occurs and 0 elsewhere; `y` of shape (n,), one of eight topics as an integer. Fewer than 2 % of
        the features of an example are not zero, and half of the words occur in five paragraphs or fewer.

    Notes
    -----
    From the same source as `text`, and like it not the same in every version of Python. Words are two letters or
    more, in lower case, and occur in two training paragraphs at least; paragraphs have five words or more.

    Examples
    --------
    >>> p = paragraphs()
    >>> len(p.topics), p.x_train.shape[1] == len(p.words), "dictionary" in p.words
    (8, True, True)
    >>> bool((p.x_train != 0).mean() < 0.02)
    True
    """
    found = [(topic, set(re.findall("[a-z]{2,}", words.lower()))) for topic, words in _manual() if topic in TOPICS]
    found = [(topic, words) for topic, words in found if len(words) >= FEWEST_WORDS]
    order = np.random.default_rng(0).permutation(len(found))
    test, train = np.split(order, [len(order) // 5])
    counts = Counter(word for i in train for word in found[i][1])
    vocabulary = tuple(sorted(word for word, count in counts.items() if count >= FEWEST_PARAGRAPHS))
    x = np.array([[word in words for word in vocabulary] for _, words in found], dtype=float)
    y = np.array([list(TOPICS).index(topic) for topic, _ in found])
    x_train, y_train, x_test, y_test = map(read_only, (x[train], y[train], x[test], y[test]))
    return Paragraphs(x_train, y_train, x_test, y_test, vocabulary, tuple(TOPICS.values()))


@cache
def _manual() -> list[tuple[str, str]]:
    """Each paragraph once, under the first of its topics, in ASCII."""
    from pydoc_data.topics import topics

    first: dict[str, tuple[str, str]] = {}
    for topic in sorted(topics):
        plain = topics[topic].translate(TYPOGRAPHY).encode("ascii", "replace").decode()
        lines = (line.rstrip() for line in plain.expandtabs().split("\n"))
        ruled = "\n".join(line for line in lines if not line or re.search("[A-Za-z0-9]", line))
        for paragraph in re.split(r"\n{2,}", ruled.strip("\n")):
            first.setdefault(" ".join(paragraph.split()), (topic, paragraph))
    return [pair for key, pair in first.items() if key]


def _pieces(ids: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    n = (len(ids) - 1) // length
    return ids[: n * length].reshape(n, length), ids[1 : n * length + 1].reshape(n, length)
