"""Why something was refused, in the words of whoever asked: by the English sentence that the refusal is raised with."""

from gateway.domain.errors import GatewayError
from gateway.words.vocabulary import FALLBACK, REFUSALS, spoken, words_of


def refusal_in(language: str, error: GatewayError) -> str | None:
    """What an error says; None where nobody has translated that."""
    if spoken(language) == FALLBACK:
        return str(error)
    if error.parts:
        parts = [refusal_in(language, each) for each in error.parts]
        return None if None in parts else "\n".join(filter(None, parts))
    text = words_of(language, REFUSALS).get(error.template)
    if text is None:
        return None
    figures = {name: _inside(language, value) for name, value in error.figures.items()}
    said: str = text.format(**figures)
    return said


def _inside(language: str, figure: object) -> object:
    """A figure may be why something is so, which is said in the same language."""
    return (refusal_in(language, figure) or str(figure)) if isinstance(figure, GatewayError) else figure
