"""The mails in German, word by word."""

from inline_snapshot import snapshot

from tests.unit.mail.facts import EXAMPLES, told


def test_r31_the_mails_in_german() -> None:
    assert {name: told(name, "de") for name in EXAMPLES} == snapshot(
        {
            "low_balance": """\
Niedriges Guthaben: 3,99~€

Das Guthaben Ihres Kontos beträgt 3,99~€ und liegt damit unter 4,00~€.
Beim derzeitigen Verbrauch reicht es für weniger als 2 Tage. Ihre
Ausgaben der letzten 10 Tage betragen 20,00~€.

Bitte laden Sie mindestens 0,01~€ auf. Ist das Guthaben aufgebraucht,
werden kostenpflichtige Anrufe abgewiesen und Rufnummern gesperrt, deren
Miete nicht bezahlt werden kann.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "suspended": """\
Gesperrt: +4930123456

Die Miete von 4,00~€ für die Rufnummer +4930123456 war am 1. Juli 2026
fällig und konnte nicht abgebucht werden, da das verfügbare Guthaben
1,23~€ beträgt. Die Rufnummer ist gesperrt: Anrufer hören das
Besetztzeichen, und abgehende Anrufe werden mit der Hauptrufnummer Ihres
Kontos geführt.

Es fehlt ein Betrag von 2,77~€. Bitte laden Sie mindestens diesen Betrag
auf; sobald die Miete bezahlt ist, ist die Rufnummer wieder in Betrieb.
Sind mehrere Mieten überfällig, wird die älteste zuerst bezahlt; Mieten,
die vor dieser an der Reihe sind, sind in dem Betrag enthalten.

Die Rufnummer bleibt bis zum 1. September 2026 um 00:00 Uhr
(Europe/Berlin) für Sie reserviert. Ist die Miete bis dahin nicht
bezahlt, wird die Rufnummer endgültig abgeschaltet.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "suspended_for_held": """\
Gesperrt: +4930123456

Die Miete von 4,00~€ für die Rufnummer +4930123456 war am 1. Juli 2026
fällig und konnte nicht abgebucht werden: Für laufende Anrufe wird ein
Betrag von 3,00~€ zurückgehalten, und das übrige verfügbare Guthaben
beträgt 1,23~€. Die Rufnummer ist gesperrt: Anrufer hören das
Besetztzeichen, und abgehende Anrufe werden mit der Hauptrufnummer Ihres
Kontos geführt.

Sobald die Anrufe beendet sind, wird die Zahlung erneut versucht. Reicht
das Guthaben dann aus, ist die Rufnummer sofort wieder in Betrieb, und
Sie müssen nichts tun; andernfalls laden Sie bitte Ihr Guthaben auf.

Die Rufnummer bleibt bis zum 1. September 2026 um 00:00 Uhr
(Europe/Berlin) für Sie reserviert. Ist die Miete bis dahin nicht
bezahlt, wird die Rufnummer endgültig abgeschaltet.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "connector_suspended": """\
Gesperrt: SIP-Connector office

Die Monatsgebühr von 49,00~€ für den SIP-Connector office war am 1. Juli
2026 fällig und konnte nicht abgebucht werden, da das verfügbare
Guthaben 1,23~€ beträgt. Abgehende Anrufe über den Connector werden
abgewiesen; ankommende Anrufe werden weiterhin verbunden.

Es fehlt ein Betrag von 47,77~€. Bitte laden Sie mindestens diesen
Betrag auf; sobald die Gebühr bezahlt ist, ist der Connector wieder in
Betrieb. Sind mehrere Zahlungen überfällig, wird die älteste zuerst
beglichen; Zahlungen, die vor dieser an der Reihe sind, sind in dem
Betrag enthalten.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "connector_suspended_for_held": """\
Gesperrt: SIP-Connector office

Die Monatsgebühr von 4,00~€ für den SIP-Connector office war am 1. Juli
2026 fällig und konnte nicht abgebucht werden: Für laufende Anrufe wird
ein Betrag von 3,00~€ zurückgehalten, und das übrige verfügbare Guthaben
beträgt 1,23~€. Abgehende Anrufe über den Connector werden abgewiesen;
ankommende Anrufe werden weiterhin verbunden.

Sobald die Anrufe beendet sind, wird die Zahlung erneut versucht. Reicht
das Guthaben dann aus, ist der Connector sofort wieder in Betrieb, und
Sie müssen nichts tun; andernfalls laden Sie bitte Ihr Guthaben auf.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "restored": """\
Wieder in Betrieb: +4930123456

Vielen Dank: Der Betrag von 4,00~€ für die Rufnummer +4930123456 wurde
bezahlt, und die Leitung ist wieder in Betrieb. Der neue Monat beginnt
mit dieser Zahlung; die nächste Zahlung ist am 15. August 2026 fällig.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "near": """\
Abschaltung in Kürze (noch 14 Tage): +4930123456

Die Rufnummer +4930123456 ist gesperrt, da ihre Miete von 4,00~€ nicht
bezahlt ist. Sie bleibt bis zum 1. September 2026 um 00:00 Uhr
(Europe/Berlin) für Sie reserviert, also noch 14 Tage; danach wird sie
endgültig abgeschaltet und kann nicht zurückgeholt werden.

Um sie zu behalten, laden Sie bitte so viel auf, dass das Guthaben die
Miete deckt; dann ist die Rufnummer sofort wieder in Betrieb.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "disconnected": """\
Abgeschaltet: +4930123456

Die Miete für die Rufnummer +4930123456 wurde nicht bezahlt, solange die
Rufnummer für Sie reserviert war. Sie ist endgültig abgeschaltet, und
spätere Zahlungen bringen sie nicht zurück.

Das Guthaben Ihres Kontos bleibt Ihnen erhalten. Sie können jederzeit
eine andere Rufnummer mieten.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "given_up": """\
Abgeschaltet: SIP-Connector office

Wie von Ihnen gewünscht, haben wir den SIP-Connector office aufgegeben
und abgeschaltet. Dafür werden keine weiteren Kosten berechnet.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "lost": """\
Abgeschaltet: +4930123456

Der Anbieter hat die Rufnummer +4930123456 als nicht mehr verfügbar
gemeldet. Die Leitung wurde deshalb abgeschaltet; dafür werden keine
weiteren Kosten berechnet.

Wir bedauern die Unannehmlichkeiten. Wenn Sie eine andere Leitung
brauchen, wenden Sie sich bitte an den Betreiber des Dienstes.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "rent_due": """\
Zahlung von 4,00~€ fällig am 1. Juli 2026: +4930123456

Am 1. Juli 2026 ist eine Zahlung von 4,00~€ für die Rufnummer
+4930123456 fällig. Das verfügbare Guthaben beträgt 3,99~€; es fehlt
also ein Betrag von 0,01~€. Zahlungen, die vorher an der Reihe sind,
sind darin enthalten.

Bitte laden Sie vor diesem Tag mindestens diesen Betrag auf. Andernfalls
wird die Leitung gesperrt, bis die Zahlung gedeckt ist.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "rent_due_for_held": """\
Zahlung von 4,00~€ fällig am 1. Juli 2026: +4930123456

Am 1. Juli 2026 ist eine Zahlung von 4,00~€ für die Rufnummer
+4930123456 fällig. Für laufende Anrufe wird derzeit ein Betrag von
3,00~€ zurückgehalten; das übrige verfügbare Guthaben beträgt 1,23~€.

Reicht das Guthaben aus, wenn die Anrufe beendet sind, müssen Sie nichts
tun. Andernfalls laden Sie bitte vor diesem Tag Ihr Guthaben auf; sonst
wird die Leitung gesperrt, bis die Zahlung gedeckt ist.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "connector_restored": """\
Wieder in Betrieb: SIP-Connector office

Vielen Dank: Der Betrag von 49,00~€ für den SIP-Connector office wurde
bezahlt, und die Leitung ist wieder in Betrieb. Der neue Monat beginnt
mit dieser Zahlung; die nächste Zahlung ist am 1. August 2026 fällig.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "connector_lost": """\
Abgeschaltet: SIP-Connector office

Der Anbieter hat den SIP-Connector office als nicht mehr verfügbar
gemeldet. Die Leitung wurde deshalb abgeschaltet; dafür werden keine
weiteren Kosten berechnet.

Wir bedauern die Unannehmlichkeiten. Wenn Sie eine andere Leitung
brauchen, wenden Sie sich bitte an den Betreiber des Dienstes.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "connector_rent_due": """\
Zahlung von 4,00~€ fällig am 1. Juli 2026: SIP-Connector office

Am 1. Juli 2026 ist eine Zahlung von 4,00~€ für den SIP-Connector office
fällig. Das verfügbare Guthaben beträgt 1,23~€; es fehlt also ein Betrag
von 2,77~€. Zahlungen, die vorher an der Reihe sind, sind darin
enthalten.

Bitte laden Sie vor diesem Tag mindestens diesen Betrag auf. Andernfalls
wird die Leitung gesperrt, bis die Zahlung gedeckt ist.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_blocked_callers": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Anrufe von +4930 sind gesperrt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_blocked_prefixes": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Anrufe an Rufnummern, die mit +37122 beginnen, sind gesperrt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_dearest_rate": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Anrufe, deren erste Minute mehr als 0,02705~€ kostet, sind
gesperrt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_live_calls": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Die Zahl gleichzeitiger Anrufe ist auf 2 begrenzt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_starts_a_minute": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Die Zahl neuer Anrufe pro Minute ist auf 10 begrenzt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_spend_a_day": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Die Ausgaben für Anrufe sind auf 20,00~€ pro Tag begrenzt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_dear": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von
+4930123456 an +37122123456 wegen eines Limits abgewiesen, das Ihr Konto
schützt: Anrufe zu teuren und häufig missbrauchten Zielen sind gesperrt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "cap_withheld": """\
Anruf wegen eines Limits Ihres Kontos abgewiesen

Am 1. Juli 2026 um 14:05 Uhr (Europe/Berlin) wurde ein Anruf von einer
unterdrückten Rufnummer an +37122123456 wegen eines Limits abgewiesen,
das Ihr Konto schützt: Die Zahl gleichzeitiger Anrufe ist auf 1
begrenzt.

Falls Ihnen dieser Anruf nicht bekannt ist, prüfen Sie bitte, wer Zugang
zu Ihren Leitungen hat. Falls das Limit zu streng ist, kann der
Betreiber des Dienstes es ändern. Wir melden jedes Limit höchstens
einmal am Tag; weitere Anrufe können abgewiesen worden sein.

Um Ihr Guthaben aufzuladen, wenden Sie sich bitte an den Betreiber des
Dienstes.\
""",
            "uncut": """\
Anruf 7 lässt sich nicht beenden

Anruf 7 der Verbindung pbx hätte am 1. Juli 2026 um 12:00 Uhr (UTC)
enden sollen. Der Anbieter wurde 5-mal vergeblich gebeten, den Anruf zu
beenden; er wird alle paar Minuten erneut darum gebeten.

Bitte prüfen Sie die Verbindung, und beenden Sie den Anruf mit den
Mitteln des Anbieters. `gateway calls show 7` zeigt, was darüber bekannt
ist.\
""",
            "flagged": """\
Auffällige Anrufe vom 1. Juli 2026

Einige Anrufe haben am 1. Juli 2026 (UTC) Vermerke erhalten, die
besagen, dass etwas nicht stimmt: clock (3), end_differs (1).

`gateway calls list --flag NAME` zeigt diese Anrufe, und `gateway calls
show CALL` erklärt einen davon.\
""",
            "sign_in": """\
Ihr Link zur Anmeldung

Mit dem Link unten melden Sie sich beim Gateway an. Er gilt einmal, und
zwar bis zum 1. Juli 2026 um 14:15 Uhr (Europe/Berlin). Er ist nur für
Sie bestimmt: Bitte geben Sie ihn nicht weiter.

Kommt er zu spät, fordern Sie unter https://gateway.example.com/sign-in
einen neuen an. Haben Sie ihn weder angefordert noch eine Einladung
erhalten, brauchen Sie nichts zu tun: Ohne den Link kommt niemand
hinein.

https://gateway.example.com/sign-in/link?secret=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
""",
            "set_aside": """\
Zurückgelegte Anrufereignisse auf gw1

Einige Anrufereignisse, die auf der Platte aufbewahrt wurden, lassen
sich so nicht verbuchen und wurden in /var/lib/gateway/spool auf gw1
zurückgelegt: 3.

`gateway spool show` sagt, warum. Ist die Ursache behoben, nimmt
`gateway spool replay --set-aside` sie wieder auf.\
""",
        }
    )
