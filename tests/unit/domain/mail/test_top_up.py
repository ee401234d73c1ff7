"""How to top up: what is told in every language, and what in one takes its place."""

from gateway.domain.mail.top_up import TopUp, TopUps

URL = "https://pay.example.com/{account_id}"


def test_a_language_without_words_of_its_own_has_those_of_all() -> None:
    told = TopUps(everywhere=TopUp(url=URL, line="Ask {account_id}."))

    assert told.told(language="de", account_id=7) == TopUp(url="https://pay.example.com/7", line="Ask 7.")


def test_a_language_replaces_what_it_has_and_no_more() -> None:
    told = TopUps(everywhere=TopUp(url=URL, line="Ask."), by_language={"de": TopUp(line="Kunde {account_id}.")})

    assert told.told(language="de", account_id=7) == TopUp(url="https://pay.example.com/7", line="Kunde 7.")


def test_where_nothing_is_set_nothing_is_told() -> None:
    assert TopUps().told(language="en", account_id=1) == TopUp()
