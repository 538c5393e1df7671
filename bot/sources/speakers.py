"""Who a speaker is: name and office told apart."""

from __future__ import annotations

import re

# "Speaking at the opening, Minister …": where it was said is no part of the office.
_LEAD = re.compile(
    r"(?:(?:speaking|commenting|responding|reacting|welcoming|announcing|launching|opening|visiting|addressing|writing|"
    r"following|ahead of|after|before|during|in a statement|in response|on the visit)\b[^,]{0,120},\s*)+(?=\S)",
    re.IGNORECASE,
)
# "Ada Bell (ABC, XY), rapporteur": the brackets hold a party.
_BRACKETED = re.compile(r"(?P<name>[^(),]{3,60}?) \((?P<bracket>[^()]{1,80})\)(?P<rest>.*)")

_TITLES = frozenset(
    {
        "sir",
        "dame",
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "rt",
        "hon",
        "rev",
        "reverend",
        "cllr",
        "councillor",
    }
    | {
        "lord",
        "lady",
        "baroness",
        "baron",
        "viscount",
        "earl",
        "hrh",
        "mx",
        "general",
        "admiral",
        "colonel",
        "captain",
        "sgt",
    }
)
_PEERS = frozenset({"lord", "lady", "baroness", "baron", "viscount", "earl"})
_AFTER_NAMES = frozenset(
    {"mp", "msp", "ms", "am", "mla", "mep", "td", "qc", "kc", "obe", "cbe", "mbe", "cmg", "kcb", "dbe", "frs"}
)
_PARTICLES = frozenset(
    {"de", "del", "den", "der", "di", "da", "van", "von", "al", "bin", "ap", "le", "la", "ní", "ó", "mac"}
)
_OFFICES = frozenset(
    {"administrator", "adviser", "advisor", "agency", "ambassador", "analyst", "association", "attorney", "authority"}
    | {"board", "bureau", "cabinet", "chair", "chairman", "chairwoman", "chairperson", "chancellor", "charity", "chief"}
    | {"clerk", "co-chair", "college", "commission", "commissioner", "committee", "congress", "congressman"}
    | {"congresswoman", "convener", "coordinator", "council", "counsel", "department", "deputy", "director"}
    | {
        "economist",
        "editor",
        "executive",
        "federation",
        "foundation",
        "founder",
        "governor",
        "group",
        "head",
        "inspector",
    }
    | {
        "institute",
        "judge",
        "leader",
        "lead",
        "manager",
        "mayor",
        "member",
        "minister",
        "ministry",
        "minster",
        "officer",
    }
    | {
        "office",
        "official",
        "ombudsman",
        "party",
        "permanent",
        "president",
        "principal",
        "rapporteur",
        "rep",
        "representative",
    }
    | {"researcher", "scientist", "secretary", "senator", "service", "society", "speaker", "spokesman", "spokesperson"}
    | {
        "spokeswoman",
        "statistician",
        "surgeon",
        "taoiseach",
        "treasurer",
        "treasury",
        "trust",
        "trustee",
        "undersecretary",
    }
    | {"union", "university", "vice-president", "whip"}
)


def split_speaker(who: str) -> tuple[str, str]:
    """Tell name and office apart; the office may be empty.

    Releases write "Office, Name", "Name, Office", "Name (Party), Office" and "Office Name".
    """
    who = _LEAD.sub("", " ".join(who.split()), count=1).strip(" ,")
    bracketed = _BRACKETED.fullmatch(who)
    if bracketed is not None and _is_name(bracketed["name"]):
        rest = bracketed["rest"].strip(" ,")
        return bracketed["name"], f"{rest} ({bracketed['bracket']})" if rest else bracketed["bracket"]
    parts = [part.strip() for part in who.split(",") if part.strip()]
    if len(parts) > 1:
        first, last = _is_name(parts[0]), _is_name(parts[-1])
        titled = parts[-1].split()[0].casefold().rstrip(".") in _TITLES
        if last and (titled or not first):
            return parts[-1], ", ".join(parts[:-1])
        if first:
            return parts[0], ", ".join(parts[1:])
        return who, ""
    words = who.split()
    for start in _starts(words):
        name = " ".join(words[start:])
        if start and _is_name(name) and len(words) - start > 1:
            return name, " ".join(words[:start])
    return who, ""


def _starts(words: list[str]) -> list[int]:
    """Give where a name may begin after an office: at a title, after the last office, or two words from the end."""
    folded = [word.casefold().strip(".,") for word in words]
    offices = [index for index, word in enumerate(folded) if word in _OFFICES]
    if not offices:
        return []
    titles = [index for index, word in enumerate(folded) if word in _TITLES and index > offices[0]]
    end = len(words)
    while end > 2 and folded[end - 1] in _AFTER_NAMES:  # noqa: PLR2004 - a name has two words
        end -= 1
    return [*titles, offices[-1] + 1, end - 2]


def _is_name(text: str) -> bool:
    words = text.split()
    folded = [word.casefold().strip(".") for word in words]
    if not 1 <= len(words) <= 7 or any(word in _OFFICES for word in folded):  # noqa: PLR2004 - with titles and letters
        return False
    small = _PARTICLES | ({"of"} if folded[0] in _PEERS else frozenset())
    proper = [word for word, lower in zip(words, folded, strict=True) if lower not in small]
    bare = [word for word in folded if word not in _TITLES and word not in _AFTER_NAMES]
    return all(word[:1].isupper() for word in proper) and (len(bare) > 1 or (len(bare) == 1 and folded[0] in _TITLES))
