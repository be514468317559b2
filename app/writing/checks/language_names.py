"""What are the languages that are told apart called, and does a prompt name one of them? Then it may ask for it."""

import re
from collections.abc import Mapping, Sequence

TRANSLATE = re.compile(r"translat|übersetz|tradu[cz]|vertaal|перев[её]|翻[译訳譯]|번역|ترجم|תרגם|अनुवाद", re.IGNORECASE)
AS_TAGGED = {"nb": "no", "nn": "no"}
# Their names here, and the beginnings of what they are called in one another. A prompt that names one may ask for it.
CALLED: Mapping[str, str] = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
}
NAMED: Mapping[str, str] = {
    "cs": "cz|tschech|tchè|tché|chec[oa]|cec[oa]|tche[cqk]|tsjech|tje[ck]k|tšek|tsek|cseh|çek|če[sš]|ceh|чешс|чесь",
    "da": "dan(?:ish|sk|ois|és|es[ei]|imarc|imark|dil|ca|e[zs])|dän|dinamarqu|deens|tansk|dán|duńsk|датс|данс|denmark",
    "de": "german|deutsch|allemand|alem[aáã]|tedesc|duits|t[yi]sk|saks|ném|jerman|alman|niem|něm|немец|німец",
    "en": "engl|angl|angiel|angol|ing[lr]|ingil|англ|brit",
    "es": "spa[nñ]|espa|castell|castil|spagn|spaans|hiszp|i?span|španěl|испан|іспан",
    "fi": "fin|suom|suome|фин|фін",
    "fr": "fren|fran[cçsz]|ransk|pr?eran|pranc|фран",
    "hu": "hung|ungar|ungher|hongr|húng|hongaar|unkar|magyar|macar|węg|maďar|maghi|венг|угор",
    "id": "indon|endon|bahasa|індон|индон",
    "it": "ital|wł[oó]|olasz|talian|итал|італ",
    "nl": "dutch|niederl|n[eé]erl|nederl|niderl|nizoz|hol[lae]|belanda|felemen|vla|flem|нидерл|нідерл|голл",
    "no": "nor[wvsjrgu]|noors|норв",
    "pl": "pol[ioas]|polsk|pools|puol|lengy|leh|polšt|польс",
    "pt": "portu|porto|braz|bras|португ",
    "ro": "r[ou]m[aâäeuæ]n?|roum|roem|румын|румун",
    "ru": "ru[sšt]|rysk|venäj|vene|orosz|ros[yj]|рус|рос",
    "sv": "swe|schwed|sue[dc]|suéd|sved|sven|ruots|svéd|isve[cç]|szwed|švéd|zweed|швед",
    "tr": "t[uüyö][rř][kcqe]|turc|török|тур",
    "uk": "[uy][kc]ra|oekra|укра",
}
# A language, a translation, the mother tongue; and neighbours that read as one of those above.
ANY_NAMED = (
    "langu|langue|sprach|idiom|leng|lingu|língu|taal|talen|språk|spr[ao]g|kiel|nyelv|bahas|dil[ie]|język|jazyk|limb|язык|мов"
    "|tong|bilingu|transl|übers|überset|tradu|vertaa|oversæt|overset|översät|käännä|ford[ií]t|terjemah|çevir|tłuma|přelo|перев|перекл"
    "|catal|galic|galleg|galeg|afrik|mala[yi]|melay|sl[oó]v|s[eé]rb|[ck]roa|hrvat|bosn|b[uú]lg|bel[ao]r|mac?[ck]ed|latin|eston|iceland"
)


def names_one_of(languages: Sequence[str], text: str) -> bool:
    """Whether one of these languages may be named in a text, or languages at all, in any that is told apart."""
    return naming(languages).search(text) is not None


def naming(languages: Sequence[str]) -> re.Pattern[str]:
    """What begins as one of these languages is called, or languages at all."""
    named = "|".join([ANY_NAMED, *(NAMED[one] for one in languages)])
    return re.compile(rf"\b(?:{named})", re.IGNORECASE)
