"""The mails in German, word by word."""

from inline_snapshot import snapshot

from tests.unit.mail.facts import EXAMPLES, told


def test_r31_the_mails_in_german() -> None:
    assert {name: told(name, "de") for name in EXAMPLES} == snapshot(
        {
            "low_balance": """\
Niedriges Guthaben: 3,99~€

Das Guthaben Ihres Kontos beträgt 3,99~€. Das ist weniger als 4,00~€:
Beim derzeitigen Verbrauch reicht es für weniger als 2 Tage. Ausgegeben
wurden 20,00~€; Zeitraum: 10 Tage.

Bitte laden Sie mindestens 0,01~€ auf. Ist das Guthaben aufgebraucht,
werden kostenpflichtige Anrufe abgewiesen und Rufnummern gesperrt, deren
Miete nicht bezahlt werden kann.\
""",
            "suspended": """\
Gesperrt: +4930123456

Die Miete von 4,00~€ für +4930123456 war am 1. Juli 2026 fällig und
konnte nicht abgebucht werden, da nur 1,23~€ verfügbar sind. Die
Rufnummer ist gesperrt: Ankommende Anrufe hören das Besetztzeichen,
abgehende werden mit der Hauptrufnummer Ihres Kontos geführt.

Es fehlen 2,77~€. Bitte laden Sie mindestens diesen Betrag auf; sobald
die Miete bezahlt ist, ist die Rufnummer sofort wieder erreichbar. Sind
mehrere Mieten überfällig, wird die älteste zuerst bezahlt; was vor
dieser an der Reihe ist, ist in dem Betrag enthalten.

Die Rufnummer bleibt bis zum 1. September 2026, 00:00 (Europe/Berlin)
für Sie reserviert. Ist die Miete bis dahin nicht bezahlt, wird sie
endgültig abgeschaltet.\
""",
            "suspended_for_held": """\
Gesperrt: +4930123456

Die Miete von 4,00~€ für +4930123456 war am 1. Juli 2026 fällig und
konnte nicht abgebucht werden, da 3,00~€ Ihres Guthabens für laufende
Anrufe zurückgehalten werden und daneben nur 1,23~€ verfügbar sind. Die
Rufnummer ist gesperrt: Ankommende Anrufe hören das Besetztzeichen,
abgehende werden mit der Hauptrufnummer Ihres Kontos geführt.

Sobald die Anrufe beendet sind, wird die Zahlung erneut versucht; lassen
sie genug übrig, ist die Rufnummer sofort wieder erreichbar, und Sie
müssen nichts tun. Andernfalls laden Sie bitte Ihr Guthaben auf.

Die Rufnummer bleibt bis zum 1. September 2026, 00:00 (Europe/Berlin)
für Sie reserviert. Ist die Miete bis dahin nicht bezahlt, wird sie
endgültig abgeschaltet.\
""",
            "connector_suspended": """\
Gesperrt: SIP-Connector office

Die Monatsgebühr von 49,00~€ für SIP-Connector office war am 1. Juli
2026 fällig und konnte nicht abgebucht werden, da nur 1,23~€ verfügbar
sind. Abgehende Anrufe über den Connector werden abgewiesen; ankommende
werden weiterhin verbunden.

Es fehlen 47,77~€. Bitte laden Sie mindestens diesen Betrag auf; sobald
die Gebühr bezahlt ist, funktioniert der Connector sofort wieder. Sind
mehrere Zahlungen überfällig, wird die älteste zuerst beglichen; was vor
dieser an der Reihe ist, ist in dem Betrag enthalten.\
""",
            "connector_suspended_for_held": """\
Gesperrt: SIP-Connector office

Die Monatsgebühr von 4,00~€ für SIP-Connector office war am 1. Juli 2026
fällig und konnte nicht abgebucht werden, da 3,00~€ Ihres Guthabens für
laufende Anrufe zurückgehalten werden und daneben nur 1,23~€ verfügbar
sind. Abgehende Anrufe über den Connector werden abgewiesen; ankommende
werden weiterhin verbunden.

Sobald die Anrufe beendet sind, wird die Zahlung erneut versucht; lassen
sie genug übrig, funktioniert der Connector sofort wieder, und Sie
müssen nichts tun. Andernfalls laden Sie bitte Ihr Guthaben auf.\
""",
            "restored": """\
Wieder in Betrieb: +4930123456

Vielen Dank: 4,00~€ wurden bezahlt, und +4930123456 ist wieder in
Betrieb. Der neue Monat zählt ab der Zahlung; der nächste ist am 15.
August 2026 fällig.\
""",
            "near": """\
Abschaltung in Kürze (noch 14 Tage): +4930123456

+4930123456 ist gesperrt, da die Miete von 4,00~€ nicht bezahlt ist. Die
Rufnummer bleibt bis zum 1. September 2026, 00:00 (Europe/Berlin) für
Sie reserviert, also noch 14 Tage; dann wird sie endgültig abgeschaltet
und kann nicht zurückgeholt werden.

Um sie zu behalten, laden Sie bitte so viel auf, dass das Guthaben die
Miete deckt; dann ist sie sofort wieder erreichbar.\
""",
            "disconnected": """\
Abgeschaltet: +4930123456

Die Miete für +4930123456 wurde in der Zeit, in der die Rufnummer
reserviert war, nicht bezahlt. Sie ist endgültig abgeschaltet, und
spätere Zahlungen bringen sie nicht zurück.

Das Guthaben Ihres Kontos bleibt Ihnen erhalten. Sie können jederzeit
eine andere Rufnummer mieten.\
""",
            "given_up": """\
Abgeschaltet: SIP-Connector office

Wie von Ihnen gewünscht, wurde SIP-Connector office aufgegeben und
abgeschaltet. Es wird dafür nichts mehr berechnet.\
""",
            "lost": """\
Abgeschaltet: +4930123456

Der Anbieter meldet, dass +4930123456 nicht mehr verfügbar ist. Deshalb
wurde abgeschaltet; es wird dafür nichts mehr berechnet.

Wir bedauern die Unannehmlichkeiten. Bitte wenden Sie sich an den
Betreiber des Dienstes, wenn Sie eine andere Rufnummer brauchen.\
""",
            "rent_due": """\
Zahlung von 4,00~€ fällig am 1. Juli 2026: +4930123456

Am 1. Juli 2026 ist eine Zahlung von 4,00~€ für +4930123456 fällig.
Verfügbar sind 3,99~€; es fehlen also 0,01~€. Zahlungen, die vorher an
der Reihe sind, sind darin enthalten.

Bitte laden Sie vor diesem Tag mindestens diesen Betrag auf. Andernfalls
wird gesperrt, bis die Zahlung gedeckt ist.\
""",
            "rent_due_for_held": """\
Zahlung von 4,00~€ fällig am 1. Juli 2026: +4930123456

Am 1. Juli 2026 ist eine Zahlung von 4,00~€ für +4930123456 fällig.
3,00~€ Ihres Guthabens werden für laufende Anrufe zurückgehalten;
daneben sind 1,23~€ verfügbar.

Lassen die Anrufe genug übrig, wenn sie beendet sind, müssen Sie nichts
tun. Andernfalls laden Sie bitte vor diesem Tag Ihr Guthaben auf. Sonst
wird gesperrt, bis die Zahlung gedeckt ist.\
""",
            "cap_blocked_callers": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
Anrufe von 0.02705 sind gesperrt.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "cap_blocked_prefixes": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
Anrufe an Nummern, die mit 0.02705 beginnen, sind gesperrt.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "cap_dearest_rate": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
keine Anrufe, deren erste Minute mehr als 0,02705~€ kostet.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "cap_live_calls": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
höchstens 0.02705 gleichzeitige Anrufe.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "cap_starts_a_minute": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
höchstens 0.02705 neue Anrufe in der Minute.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "cap_spend_a_day": """\
Anruf wegen einer Grenze Ihres Kontos abgewiesen

Ein Anruf von +4930123456 an +37122123456 am 1. Juli 2026, 14:05
(Europe/Berlin) wurde abgewiesen, weil eine Grenze Ihr Konto schützt:
höchstens 0,03~€ am Tag für Anrufe.

Falls Sie das nicht waren, prüfen Sie bitte, wer Zugang zu Ihren
Leitungen hat. Falls Sie mehr brauchen, kann der Betreiber des Dienstes
die Grenze ändern. Wir melden jede Grenze höchstens einmal am Tag;
weitere Anrufe können abgewiesen worden sein.\
""",
            "uncut": """\
Anruf 7 lässt sich nicht beenden

Anruf 7 der Verbindung pbx hätte am 1. Juli 2026, 12:00 (UTC) enden
sollen. Der Anbieter wurde 5-mal vergeblich gebeten, ihn zu beenden; er
wird alle paar Minuten wieder gebeten.

Bitte prüfen Sie die Verbindung und beenden Sie den Anruf mit den
Mitteln des Anbieters. `gateway calls show 7` zeigt, was bekannt ist.\
""",
            "flagged": """\
Auffällige Anrufe vom 1. Juli 2026

Anrufe haben am 1. Juli 2026 (UTC) Vermerke erhalten, dass etwas nicht
stimmt: clock: 3, end_differs: 1.

`gateway calls list --flag NAME` zeigt sie, `gateway calls show CALL`
erklärt einen davon.\
""",
        }
    )
