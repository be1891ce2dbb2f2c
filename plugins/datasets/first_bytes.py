"""Recordings told by their first bytes, where their names do not say so.

The marks are those by which libsndfile itself knows its formats (src/sndfile.c, guess_file_type).
"""

from __future__ import annotations

import re

from harness import BadClip
from plugins.datasets.decoding import rate_by_soundfile
from plugins.datasets.stores import Store

MARK_BYTES = 64

_MARKS = re.compile(
    rb"RIF[FX].{4}WAVE|RF64.{4}WAVE|riff\x2e\x91\xcf\x11|FORM.{4}(?:AIF[FC]|8SVX|16SV)|\.snd|dns\."
    rb"|fLaC|OggS|caff\x00|ID3[\x02-\x04]|Creative Voice File|NIST_1A|PVF1\n|2BIT| paf|fap "
    rb"|ALawSoundFile|\xf0\x7e\x00\x01",
    re.DOTALL,
)
_WEAK_MARKS = re.compile(
    rb"\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]"
    rb"|\x64\xa3[\x00-\x04]|[\x00-\x04]\xa3\x64|\x00[\x00-\x04]\xa3\x64|MATLAB 5\.0"
    rb"|\x01\x04|\x00\x00\x00\x00[\x01-\xff]\x00\x00\x00\x01|\x00\x00\x03\xe8"
    rb"|.{8}\x00\x02\x00\x00",
    re.DOTALL,
)
"""Marks of MP3, IRCAM, MATLAB, MPC 2000 and HTK: so short that the whole file decides."""


def is_sound(store: Store, name: str) -> bool:
    """Say whether a file begins like a sound file; only with a weak mark is all of it read."""
    try:
        head = store.read(name, MARK_BYTES)
        if _MARKS.match(head):
            return True
        return bool(_WEAK_MARKS.match(head)) and rate_by_soundfile(store.read(name)) is not None
    except BadClip:
        return False
