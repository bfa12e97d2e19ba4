"""Words that only one of our three languages writes, as people chat: a third witness beside the two detectors.

A word stands here only if neither other language has it (also not as a loan), without accents as people type.
"""

from core.types import Language

ONLY = {
    Language.IT: """
        il lo gli un una uno del della dello dei degli delle al allo alla agli alle dal dalla dai nel nella nei sul
        sulla di da con su tra fra che chi cosa cos quale quali quanto quanta quanti quante quando dove perche e è
        io tu lui lei noi voi loro mi ti ci vi si ne mio mia miei mie tuo tua suo sua nostro vostra vostro sono sei
        siamo siete sta sto stai stiamo stanno era ero stato stata ho hai abbiamo avete hanno aveva ha fa fai faccio
        facciamo fate fare vado vai va andare vengo viene vuole voglio vorrei vuoi volevo posso puoi puo possiamo
        potete devo devi deve dobbiamo sapere capisco capito dire dici dico detto mando mandi mandami mandate scrivo
        scrivi scrivimi scrivete chiamo chiami chiamami chiamate richiami serve servono costa costano pago pagare
        dura scade aprite chiudete apre funziona arriva arrivato prendo dammi fammi guardo aspetta aspetto pensare
        penso credo preferisco intendevo abito vivo guido uso consumo risparmio avrei chiedo cambio cambiare disdire
        rimandi non nn piu meno molto poco troppo tanto tutto tutti tutta niente nulla qualcosa qualcuno ancora gia
        adesso ora oggi domani ieri stasera stamattina mattina sera notte giorno giorni settimana mese mesi anno
        anni sempre dopo poi allora quindi pero anche oppure se anzi magari forse certo vero bene male benissimo
        meglio peggio buongiorno buonasera buonanotte buon buona grazie prego scusa scusi scusate salve boh mah ecco
        raga mille prezzo offerta tariffa bolletta luce contatore contratto casa auto macchina classe polizza taglia
        ordine pacco spedizione reso sconto palestra abbonamento rinnovo corso negozio parcheggio caldaia numero
        mamma nonna moglie marito figli famiglia sbagliato sbaglio parlare persona umano operatore veloce libero
        aperta aperti chiusi nuovo nuova stesso questa questo quella quello queste questi li qui qua lunedi martedi
        mercoledi giovedi venerdi sabato domenica quattro cinque sette otto nove dieci tremila duemila intestata
        rotto incluso disponibile traslocato vuol prossimo prossima seconda secondo volta verde fisso incidente
        cinquanta cento davvero conviene preventivo accettate assolutamente guarda gentile caro cara dettagli
        parlarne ricevuto spiace mandatemi roba
        spieghi procedi procediamo differenza canone fino fratello spiegami spiegate finalmente notizia ritardo
    """,
    Language.DE: """
        der das dem den des ein eine einen einem einer eines kein keine keinen keiner und oder aber weil dass wenn
        ob ich du er wir ihr euch uns mich dich mir dir ihm ihn ihnen sich mein meine meinen meiner meinem dein
        deine unser ist sind seid bist war waren gewesen wird werden wurde wurden wäre waer hab habe hast haben habt
        hatte hätte haette kann kannst können konnen könnt koennen konnte könnte muss musst müssen muessen soll
        sollte darf möchte mochte moechte wollte würde wuerde mach mache machen macht gemacht geh gehe gehen geht
        gemma gibt gibts komm komme kommt kommen zahl zahle zahlen zahlt bezahlen kostet kosten brauch brauche
        brauchen braucht schick schicke schickt schreib schreibe schreibt schreiben meld melde ruf rufe ruft sag
        sage sagen sagt weiss weiß find finde finden glaub glaube denke schau schaue schauen wohne wohn fahr fahre
        fahren heizen kündigen kuendigen wechseln meinte verstanden versteh verstehe vertippt angekommen umgezogen
        gezogen überlegt ueberlegt überlegen passt läuft laeuft liefert nehmt trau klingt heißt heisst gefällt
        gefaellt lieber bleib bleibt lass spar sparen reden nicht nichts nix nur noch schon auch sehr viel wieviel
        wie wer wo woher wohin wann warum wieso welche welcher welches hier dort jetzt heute heut gestern morgen
        abend mittag nacht immer nie mal grad gerade später spaeter dann doch denn halt eben ganz echt ziemlich
        vielleicht ungefähr ungefaehr zirka mehr weniger besser zuviel alles etwas für fuer mit von vom zum zur bei
        beim auf aus nach über ueber ohne unter zwischen seit bis ins am ans ja nein nee na jo bitte danke hallo
        servus grüß gruess guten tag gern gerne klar genau natürlich sicher stimmt rechnung strom vertrag tarif
        zähler zaehler verbrauch angebot preis fixpreis grundpreis versicherung auto abo termin wohnung haus frau
        mann oma kinder bestellung paket versand rücksendung größe groesse grösse rabatt verlängerung kurs
        wochenende offen zu feiertagen parkplätze nummer plz jahr jahre jahren monat monate woche wochen tage uhr
        euro menschen mensch zwei drei vier fünf sechs sieben acht neun zehn zweite dritte erste tausend dreitausend
        viert dritt ahnung hilfe frage euer eure eurem dabei da gut guat schlecht sauer kaputt mies interesse danach
        deshalb wegen wos ned net isch hob koa enk kost mei eh oida montag dienstag mittwoch donnerstag freitag
        samstag sonntag früh frueh trotzdem überhaupt abzocke hin dran wieder nett ständig stürzt klasse leider
        teuer billiger jederzeit endet
        klappt leg los letzter letzte nächste chef würd drüber kündbar brauchts gutschein geb bescheid endlich fürs
        leid blauen roten schwarzen filiale steigt arbeite
    """,
    Language.EN: """
        the and or but because if that this these those there here which what when where why who whose how whats you
        he she it we they ye him them my your his its our their mine yours us im ive ill id youre youve are were
        been being be isnt arent wont dont doesnt didnt cant couldnt would could should can may might must have has
        had having do does did done doing get got getting go going gone make made take taken give given want wanna
        wants wanted need needs know think thought mean means meant say said tell told ask asking asked send sending
        sent resend text texting write call ring talk talking speak live living lives drive drives pay paying paid
        cost costs use using used work works working save saving switch switching moved change changed cancel
        deliver delivered arrived open closed find found look looking checking check wait hold left trust decide
        sounds supposed running let lets with for from of to at by on off out up down about into than then now today
        tomorrow tonight yesterday morning afternoon evening night week weeks month months year years day monday
        tuesday wednesday thursday friday saturday sunday march later soon ago always never ever still yet just not
        no nope nah yes yeah yep aye sure fine grand great good nice quick awful annoyed legit broken cracked free
        much many more less most some any every both other another one two three four five six seven eight nine ten
        hundred thousand first second third please thanks thank cheers sorry hello hi hey lads mate folks bye price
        bill energy electricity contract insurance policy claim claims car house roof wife husband mam mum nan kids
        size order parcel shipping returns discount instalments membership gym renewal class people someone anyone
        something anything nothing clue idea help question news number postcode miles near around between after
        before under without within while until till craic tbh asap wheres hows theres lot term charge standing
        weekend holidays exactly nearby really absolutely gladly appreciated notch stuff fully comp supply possible
        documents available included mind scam gimme centre lives well lemme gonna dunno quote fails failed fire
        dear only wrong worth
        quit since spot apologies delay decent finally cheaper blue red green showed crashing keeps required explain
        again flat across
    """,
}

# What a customer may also say in a language that is not theirs: thanks, greetings, idioms.
COURTESIES = (
    "thank you very much|thank you so much|thanks a lot|many thanks|have a nice (?:day|weekend|evening)|bye bye|see you"
    "|no problem|all good|good night|oh my god|let s go|last but not least|by the way|grazie mille|mille grazie"
    "|ciao ciao|buona giornata|buona serata|tutto bene|va bene|a presto|danke schon|vielen dank"
    "|auf wiedersehen|schonen tag noch|guten morgen|schones wochenende|alles klar|tschuss|servus"
    "|mamma mia|dolce vita|oh mein gott|happy (?:new year|birthday)"
)
LOANS = (
    "black friday|cyber monday|all you can eat|last minute|check in|check out|smart home|happy hour|fair play|know how"
)
