"""The words and sentences by which a customer asks for no more messages, folded: lower case without accents.

A sentence here means nothing else, whatever is asked at the time; erasing data is another wish and stands elsewhere.
"""

BARE = r"(?:stop|stopp|stop all|stopall|stop it|stop bitte|unsubscribe|opt out|optout|abmelden|abbestellen|austragen)"
POLITE = (
    r"(?:per favore|x favore|vi prego|ti prego|ma|allora|e|adesso basta|per piacere|per cortesia"
    r"|grazie(?: mille)?|buongiorno|buonasera|salve|ciao|scusate|scusa|si|adesso|"
    r"subito|ora|bitte|danke(?: schon)?|hallo|guten tag|guten abend|ja|jetzt|sofort|please|pls|thanks|thank you"
    r"|thx|hi|"
    r"hello|hey|yes|sorry|now|immediately|ok|okay|just|ffs|seriously|omg|so|and|und|also|endlich|jetzt|einfach)"
)
MESSAGES_IT = r"(?:messaggi|messaggini|mess|msg|promo|spam|notifiche|pubblicita|comunicazioni|whatsapp|newsletter|sms)"
MESSAGES_DE = (
    r"(?:nachrichten|spam|whatsapp nachrichten|werbenachrichten|werbung|mitteilungen|benachrichtigungen"
    r"|whatsapps|newsletter|sms)"
)
MESSAGES_EN = r"(?:messages|msgs|texts|notifications|ads|advertising|spam|newsletters|marketing)"
YOUR_IT = (
    r"(?:(?:i|ai|agli|alle|le|altri|altre|questi|queste|sti|ste|tutti|tutte|vostri|vostre|tuoi|tue|piu|con|di|nessun"
    r"|promozionali) )*"
)
LIST_IT = (
    r"(?: (?:da|dal|dalla|dai|dalle) (?:vostra |vostre |tua |questa )?(?:lista|liste|newsletter|elenco|servizio))?"
)
LIST_DE = r"(?: (?:aus|von|vom) (?:der|dem|eurer|ihrer|euren|diesem)? ?(?:liste|verteiler|newsletter|adressbuch))?"
LIST_EN = r"(?: (?:from|off) (?:your|this|the|all)(?: mailing| contact)? ?(?:list|lists|messages|newsletter))?"
WRITE_EN = r"(?:text|message|contact|write|write to|bother|spam|whatsapp)"
WRITING_EN = r"(?:texting|messaging|contacting|writing|writing to|bothering|spamming|whatsapping)"

FROM_DE = r"(?: (?:von|mit) (?:euch|ihnen|dir))?"
NUMBER_IT = r"(?:il )?mio numero(?: dalla lista| dai contatti)?"
ASKED_IT = r"(?:(?:vi )?ho (?:gia )?(?:detto|chiesto) (?:di )?|(?:potete|puoi|potreste|potresti|pregherei) (?:di )?)?"
ASKED_EN = (
    r"(?:i (?:ve |have )?(?:already )?(?:asked|told) you to |i (?:want|need) you to "
    r"|(?:can|could|will|would) you (?:please )?)?"
)
ASKED_DE = r"(?:konnt ihr|konnen sie|kannst du|konntet ihr|konnten sie|konntest du) (?:bitte )?"

SENTENCES = (
    # Italian
    rf"{ASKED_IT}(?:basta|stop|niente|no) {YOUR_IT}{MESSAGES_IT}",
    r"(?:basta|niente piu) (?:(?:con )?(?:le |ste )?(?:vostre )?)?(?:offerte|promozioni|promo)",
    r"non (?:voglio|desidero|vorrei) (?:piu )?(?:ricevere )?(?:le )?vostre offerte",
    r"non (?:voglio|desidero|vorrei) (?:piu |mai piu )?(?:essere (?:piu )?(?:contattat[oa]|disturbat[oa])"
    r"|ricevere (?:piu )?"
    r"(?:niente|nulla)(?: da voi)?|sentirvi)(?: piu)?",
    rf"(?:cancellate|cancella|eliminate|elimina|togliete|togli|rimuovete|rimuovi|cancellare|eliminare) {NUMBER_IT}",
    r"non (?:mi )?(?:mandate|mandatemi|mandarmi|inviate|inviatemi|inviarmi) (?:piu |mai piu )(?:niente|nulla"
    r"|messaggi|offerte|pubblicita)",
    r"smettetela|piantatela|finitela",
    r"come (?:mi (?:disiscrivo|cancello)|(?:faccio a |posso )(?:disiscrivermi|cancellarmi))(?: da qui"
    r"| da questa lista| dalla lista)?",
    rf"non (?:voglio|desidero|vorrei) (?:piu )?(?:ricevere )?{YOUR_IT}{MESSAGES_IT}(?: da voi| vostri| vostre)?",
    rf"{ASKED_IT}non (?:mi )?(?:scrivetemi|scrivermi|scrivete|scrivere|contattatemi|contattarmi|contattate|contattare"
    r"|mandatemi messaggi|mandarmi messaggi|disturbatemi|disturbarmi|disturbate|cercatemi) (?:piu|mai piu)",
    rf"{ASKED_IT}(?:smettetela|smettila|smettete|smettere|smetterla|basta|piantatela"
    rf"|finitela) (?:di )?(?:scrivermi|contattarmi|mandarmi messaggi|disturbarmi)",
    rf"{ASKED_IT}(?:cancellami|mi cancelli|mi cancellate|levatemi|levami|mi tolga|mi togliete"
    rf"|cancellatemi|cancellarmi|disiscrivimi|disiscrivetemi|disiscrivermi"
    rf"|disiscrivi){LIST_IT}",
    rf"(?:voglio|vorrei|desidero) (?:disiscrivermi|cancellarmi|essere cancellat[oa]|essere rimoss[oa]){LIST_IT}",
    rf"(?:toglimi|toglietemi|rimuovimi|rimuovetemi|eliminatemi|eliminami){LIST_IT}",
    r"(?:annulla|annullate|annullare) (?:la |l )?(?:mia )?iscrizione",
    r"lasciatemi (?:in pace|stare|perdere)|lasciami (?:in pace|stare)",
    r"(?:revoco|ritiro) (?:il )?(?:mio )?consenso",
    # German
    r"(?:ich )?(?:mochte|will|wurde) (?:mich )?(?:bitte |gern |gerne )?(?:mich )?(?:abmelden|austragen)",
    r"(?:ich )?(?:mochte|will|wurde) (?:das|den newsletter|die nachrichten|das alles|euch) (?:bitte |gern "
    r"|gerne )?abbestellen",
    r"wie (?:melde ich mich|kann ich mich|bestelle ich das|kann ich das) (?:hier |wieder )?(?:ab|abmelden"
    r"|abbestellen)",
    rf"{ASKED_DE}(?:mich|meine nummer) (?:bitte )?(?:aus (?:der|dem|eurer) (?:liste|verteiler) )?(?:abmelden"
    rf"|loschen|austragen|streichen|nehmen)",
    rf"{ASKED_DE}aufhoren(?: mir zu schreiben)?",
    r"(?:ich )?(?:mochte|will) (?:bitte )?(?:(?:nichts|nix) mehr von (?:euch|ihnen|dir) (?:horen|bekommen|lesen)"
    r"|nicht mehr "
    r"(?:angeschrieben|kontaktiert|belastigt) werden)",
    rf"(?:schickt|schicken sie|schick|sendet|senden sie) mir (?:bitte )?(?:nichts|nix|keine {MESSAGES_DE}) mehr",
    r"(?:loscht|loschen sie|losch) (?:bitte )?meine (?:telefon|handy)?nummer|meine nummer (?:bitte )?loschen",
    rf"genug (?:mit der |der )?{MESSAGES_DE}",
    rf"(?:hort|horen sie|hor) (?:bitte |endlich )?auf mit (?:den|diesen|euren|der) {MESSAGES_DE}",
    rf"(?:meldet|melden sie|melde|tragt|tragen sie) mich (?:bitte )?(?:ab|aus){LIST_DE}",
    r"(?:newsletter|nachrichten|werbung|alles) abbestellen",
    r"(?:lasst|lassen sie|lass) (?:mich|uns) (?:bitte )?(?:endlich )?in (?:ruhe|frieden)",
    rf"(?:stopp? )?(?:ich )?(?:mochte |will |wunsche )?(?:bitte )?keine (?:weiteren |eurer |ihrer )?{MESSAGES_DE}"
    rf"(?: mehr)?{FROM_DE}(?: bekommen| erhalten| schicken| senden| haben)?",
    r"keine (?:weiteren angebote|angebote mehr)",
    r"(?:schreibt|schreiben sie|schreib|kontaktiert|kontaktieren sie) (?:mir|mich) (?:bitte )?"
    r"(?:nicht mehr|nie wieder|nie mehr|nimmer)",
    r"(?:bitte )?nicht mehr (?:schreiben|kontaktieren|anschreiben)",
    r"(?:hort|horen sie|hor) (?:bitte |endlich )?auf (?:mir zu schreiben|mich zu kontaktieren|mich zu nerven)",
    r"(?:nehmt|nehmen sie) mich (?:bitte )?(?:da )?raus",
    rf"(?:loscht|loschen sie|streicht|streichen sie|nehmt|nehmen sie) mich{LIST_DE}",
    r"ich widerrufe (?:meine |die )?(?:einwilligung|zustimmung)",
    # English
    rf"(?:i (?:want|would like|d like|wish) to |please )*(?:unsubscribe|opt out|opt me out)(?: me)?{LIST_EN}",
    rf"{ASKED_EN}(?:stop|quit) (?:it )?(?:with )?(?:{WRITING_EN} (?:to )?me|sending (?:me )?(?:this|these|stuff"
    rf"|any more)|sending (?:me )?(?:any )?(?:more |these |your )?{MESSAGES_EN}|"
    rf"(?:the|these|all|your|all the|sending)? ?{MESSAGES_EN})",
    r"(?:how (?:do|can) i|where (?:do|can) i) (?:unsubscribe|opt out|get off (?:this"
    r"|your) list)(?: from (?:this|these|here))?",
    r"i (?:do not|don t|dont) (?:want|wish) (?:to hear from you|to be (?:contacted|messaged|texted))(?: again"
    r"| anymore| any more)?",
    rf"(?:end|enough)(?: of)?(?: the| these| with the| with these)? {MESSAGES_EN}",
    r"(?:stop|quit) (?:texting|messaging|spamming)",
    r"(?:do not|don t|dont) (?:contact|message|text) me",
    r"(?:remove|delete|erase|lose) my (?:phone )?number(?: from (?:your|the) (?:list|system))?",
    rf"(?:do not|don t|dont|never) {WRITE_EN} (?:to )?me (?:again|anymore|any more|ever again)",
    rf"never {WRITE_EN} me",
    rf"(?:i (?:do not|don t|dont) want |no )(?:to receive )?(?:any )?(?:more )?(?:of )?(?:your |these )?{MESSAGES_EN}"
    r"(?: anymore| any more| from you)?",
    r"no more (?:offers|promotions|updates)",
    r"leave me alone|leave me in peace",
    rf"{ASKED_EN}(?:remove|delete|take|get) me (?:from|off) (?:your|this|the|all)(?: mailing"
    rf"| contact)? ?(?:list|lists|newsletter)",
    r"i withdraw (?:my )?consent",
)
