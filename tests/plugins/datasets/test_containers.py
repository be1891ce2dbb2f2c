"""Every container: the size promised against the bytes there, and every number of a header.

Each row of the tables is one header field in one odd state, and says what is read and which
sentence is told. The samples are the numbers from 1 on, so that a shift by a byte shows.
"""

from __future__ import annotations

import io
import math
import os
import struct
import tracemalloc
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import BadClip
from plugins.datasets import decoding
from plugins.datasets.containers import mp3
from plugins.datasets.containers.layouts import Layouts
from plugins.datasets.containers.library_words import words_of_decoders

N = 1000
PULSES = np.arange(1, N + 1, dtype=np.int16)
LITTLE, BIG = PULSES.astype("<i2").tobytes(), PULSES.astype(">i2").tobytes()
SIZE = len(LITTLE)
UNKNOWN = 0xFFFFFFFF
LIST = b"LIST" + struct.pack("<L", 8) + b"INFOabcd"


def chunk(name: bytes, data: bytes, size: int | None = None, order: str = "<") -> bytes:
    promised = len(data) if size is None else size
    return name + struct.pack(order + "L", promised) + data + b"\0" * (len(data) % 2)


def fmt(
    tag: int = 1,
    channels: int = 1,
    rate: int = 2000,
    byte_rate: int | None = None,
    block: int | None = None,
    bits: int = 16,
    order: str = "<",
) -> bytes:
    frame = channels * ((bits + 7) // 8) if block is None else block
    per_second = (rate * frame) % (1 << 32) if byte_rate is None else byte_rate
    fields = struct.pack(order + "HHLLHH", tag, channels, rate, per_second, frame % (1 << 16), bits)
    return chunk(b"fmt ", fields, order=order)


def riff(*chunks: bytes, magic: bytes = b"RIFF", size: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    order = ">" if magic == b"RIFX" else "<"
    return magic + struct.pack(order + "L", len(body) if size is None else size) + body


def wav(size: int | None = None, after: bytes = b"", outer: int | None = None) -> bytes:
    return riff(fmt(), chunk(b"data", LITTLE, size), after, size=outer)


def rf64(
    riff_size: int,
    data_size: int,
    size: int = UNKNOWN,
    magic: bytes = b"RF64",
    samples: bytes = LITTLE,
) -> bytes:
    sizes = chunk(b"ds64", struct.pack("<QQQL", riff_size, data_size, N, 0))
    return riff(sizes, fmt(), chunk(b"data", samples, size), magic=magic, size=UNKNOWN)


def extended(rate: float) -> bytes:
    mantissa, exponent = math.frexp(rate)
    return struct.pack(">HQ", exponent + 16382, int(mantissa * 2**64)) if rate else bytes(10)


def aiff(
    frames: int = N,
    size: int | None = None,
    rate: bytes = extended(2000),
    channels: int = 1,
    bits: int = 16,
    offset: int = 0,
    samples: bytes = BIG,
    outer: int | None = None,
    swap: bool = False,
    after: bytes = b"",
) -> bytes:
    common = chunk(b"COMM", struct.pack(">hLh", channels, frames, bits) + rate, order=">")
    sound = chunk(b"SSND", struct.pack(">LL", offset, 0) + samples, size, ">")
    body = b"AIFF" + (sound + common if swap else common + sound) + after
    return b"FORM" + struct.pack(">L", len(body) if outer is None else outer) + body


def au(size: int = SIZE, rate: int = 2000, channels: int = 1, start: int = 24) -> bytes:
    return b".snd" + struct.pack(">LLLLL", start, size, 3, rate, channels) + BIG


def caf(
    size: int = SIZE + 4, rate: float = 2000.0, channels: int = 1, packet: int = 2, bits: int = 16
) -> bytes:
    described = struct.pack(">d4sLLLLL", rate, b"lpcm", 0, packet, 1, channels, bits)
    return (
        b"caff\0\1\0\0" + b"desc" + struct.pack(">q", len(described)) + described
        + b"data" + struct.pack(">q", size) + bytes(4) + BIG
    )  # fmt: skip


def wave64(size: int | None = None, cut: int = 0) -> bytes:
    riff_id = bytes.fromhex("726966662e91cf11a5d628db04c10000")
    tail = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    fields = fmt()[8:]
    body = (
        b"wave" + tail + b"fmt " + tail + struct.pack("<Q", 24 + len(fields)) + fields
        + b"data" + tail + struct.pack("<Q", 24 + SIZE if size is None else size) + LITTLE
    )  # fmt: skip
    return (riff_id + struct.pack("<Q", 24 + len(body)) + body)[: -cut or None]


def encoded(format: str, subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, PULSES.repeat(20), 16000, format=format, subtype=subtype)
    return file.getvalue()


def flac(total: int) -> bytes:
    data = bytearray(encoded("FLAC", "PCM_16"))
    data[21] = data[21] & 0xF0 | total >> 32
    data[22:26] = (total & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(data)


WHOLE = {
    "wav": wav(),
    "rifx": riff(
        fmt(order=">"), chunk(b"data", BIG, order=">"), magic=b"RIFX"
    ),
    "chunks before and after": riff(LIST, fmt(), LIST, chunk(b"data", LITTLE), LIST),
    "data before fmt": riff(chunk(b"data", LITTLE), fmt()),
    "odd chunk with its pad byte": riff(chunk(b"note", b"abc"), fmt(), chunk(b"data", LITTLE)),
    "odd chunk without its pad byte": riff(
        chunk(b"note", b"abc")[:-1], fmt(), chunk(b"data", LITTLE)
    ),
    "odd chunks, one without its pad byte": riff(
        chunk(b"note", b"abc")[:-1], fmt(), chunk(b"note", b"abc"), chunk(b"data", LITTLE), LIST
    ),
    "an ID3 tag in front": b"ID3\3\0\0\0\0\0\5abcde" + wav(),
    "rf64": rf64(SIZE + 80, SIZE),
    "bw64": rf64(SIZE + 80, SIZE, magic=b"BW64"),
    "rf64 with a 32-bit size": rf64(SIZE + 80, SIZE, size=SIZE),
    "aiff": aiff(),
    "aiff, SSND before COMM": aiff(swap=True),
    "aiff with an offset": aiff(offset=6, samples=b"abcdef" + BIG),
    "au": au(),
    "caf": caf(),
    "wave64": wave64(),
}  # fmt: skip

NOTED = {
    "wav, size 0": (wav(0), "does not say .*its size is 0.* 2000 are there"),
    "wav, size of a stream": (wav(UNKNOWN), "does not say .*4294967295.* 2000 are there"),
    "wav, size of sox's stream": (wav(0x7FFFF000), "does not say .* 2000 are there"),
    "wav, size 44 of a dead battery": (wav(44), "promises 44 bytes .* 2000 are there"),
    "wav, both sizes too small": (wav(200, outer=236), "promises 200 bytes .* 2000 are there"),
    "wav, size counts all headers": (wav(SIZE + 44), "promises 2044 .* 2000 .* counts the header"),
    "wav, size counts fmt": (wav(SIZE + 36), "promises 2036 .* 2000 .* counts the header"),
    "wav, size counts headers, LIST follows": (
        wav(SIZE + 44, LIST), "promises 2044 bytes of samples, 2000 are there",
    ),
    "wav, size 0, LIST follows": (wav(0, LIST), "does not say .* 2000 are there"),
    "wav, absurd size, right RIFF size": (
        wav(12345678, outer=SIZE + 36), "promises 12345678 .* 2000 are there: the size is wrong",
    ),
    "wav, two data chunks": (
        riff(fmt(), chunk(b"data", LITTLE[:600]), LIST, chunk(b"data", LITTLE[600:])),
        "holds 2 chunks of samples: all were read",
    ),
    "wav, junk after": (wav(after=b"ID3" + bytes(range(97))), "last 100 are no samples"),
    "wav, text after": (wav(after=b"made by a recorder\r\n"), "last 20 are no samples"),
    "wav, zeros after": (wav(after=bytes(512)), "last 512 are no samples"),
    "wav, cut inside LIST": (
        wav(after=LIST + LIST[:-1], outer=2100), "its first size promises 2108 bytes",
    ),
    "wav, half a sample more": (
        riff(fmt(), chunk(b"data", LITTLE + b"\1")), "its last sample is cut off: 1 of 2 bytes",
    ),
    "wav, wrong block align": (
        riff(fmt(block=7, byte_rate=4000), chunk(b"data", LITTLE)), "frames of 7 bytes",
    ),
    "wav, block align 0": (
        riff(fmt(block=0), chunk(b"data", LITTLE)), "frames of 0 bytes",
    ),
    "wav, wrong bytes per second": (
        riff(fmt(byte_rate=2000), chunk(b"data", LITTLE)), "2000 bytes per second, which 4000",
    ),
    "rf64, no ds64": (
        riff(fmt(), chunk(b"data", LITTLE, UNKNOWN), magic=b"RF64", size=UNKNOWN),
        "does not say .* 2000 are there",
    ),
    "rf64, ds64 says 0": (rf64(0, 0), "does not say .* 2000 are there"),
    "rf64, high half of the size": (
        rf64(0, UNKNOWN << 32 | SIZE), "does not say .* 2000 are there",
    ),
    "rf64, halves disagree": (rf64(0, 44, size=SIZE), "44 bytes .* in one place and 2000"),
    "rf64, ds64 too small": (rf64(0, 44), "promises 44 bytes .* 2000 are there"),
    "aiff, SSND size 0": (aiff(size=0), "0 bytes of samples in one place and 2000"),
    "aiff, SSND too small": (aiff(size=208), "200 bytes .* in one place and 2000"),
    "aiff, frames 0": (aiff(frames=0), "0 bytes of samples in one place and 2000"),
    "aiff, frames too few": (aiff(frames=100), "200 bytes .* in one place and 2000"),
    "aiff, frames too many": (aiff(frames=9999), "19998 bytes .* in one place and 2000"),
    "aiff, both unknown": (aiff(frames=0, size=0), "does not say .* 2000 are there"),
    "aiff, SSND counts all headers": (aiff(size=SIZE + 8 + 54, frames=0), "counts the header"),
    "au, size open": (au(UNKNOWN), "does not say .* 2000 are there"),
    "au, size 0": (au(0), "does not say .* 2000 are there"),
    "au, too small": (au(100), "promises 100 bytes .* 2000 are there"),
    "au, counts the header": (au(SIZE + 24), "promises 2024 .* counts the header"),
    "caf, size open": (caf(-1), "does not say .* 2000 are there"),
    "caf, too small": (caf(104), "promises 100 bytes .* 2000 are there"),
    "wave64, size 0": (wave64(0), "does not say .* 2000 are there"),
    "wave64, too small": (wave64(24 + 100), "promises 100 bytes .* 2000 are there"),
    "wave64, size without its header": (wave64(SIZE), "promises 1976 bytes .* 2000 are there"),
}  # fmt: skip

REFUSED = {
    "wav, cut": (wav()[:-100], "truncated: .* 2000 bytes of samples, 1900 are there"),
    "wav, absurd size": (wav(12345678, outer=9), "truncated: .* 12345678 bytes .* 2000 are there"),
    "wav, nothing in data": (riff(fmt(), chunk(b"data", b"")), "^holds no samples$"),
    "wav, nothing in data, LIST follows": (
        riff(fmt(), chunk(b"data", b""), LIST), "^holds no samples$",
    ),
    "wav, no data": (riff(fmt(), LIST), "without a chunk of them"),
    "wav, no fmt": (riff(chunk(b"data", LITTLE)), "a WAV file without its header"),
    "wav, short fmt": (
        riff(chunk(b"fmt ", bytes(14)), chunk(b"data", LITTLE)), "14 bytes where 16 are needed",
    ),
    "wav, two fmt": (
        riff(fmt(), fmt(rate=4000), chunk(b"data", LITTLE)), "two fmt chunks that disagree",
    ),
    "wav, wide block align": (
        riff(fmt(block=4), chunk(b"data", LITTLE)), "frames of 4 bytes .* take 2",
    ),
    "wav, 0 bits": (riff(fmt(bits=0), chunk(b"data", LITTLE)), "samples of 0 bits"),
    "wav, 64 bits": (riff(fmt(bits=64), chunk(b"data", LITTLE)), "samples of 64 bits"),
    "wav, 65535 bits": (riff(fmt(bits=65535), chunk(b"data", LITTLE)), "samples of 65535 bits"),
    "wav, float of 16 bits": (riff(fmt(tag=3), chunk(b"data", LITTLE)), "floating-point .* 16 b"),
    "wav, unknown encoding": (riff(fmt(tag=999), chunk(b"data", LITTLE)), "not audio that can be"),
    "wav, compressed and too short": (
        riff(fmt(tag=2, block=256, bits=4), chunk(b"data", LITTLE, 100)),
        "compressed samples whose size is wrong: .* 100 bytes .* 2000 are there",
    ),
    "rf64, cut in half": (rf64(2 * SIZE + 80, 2 * SIZE), "truncated: .* 4000 .* 2000 are there"),
    "aiff, cut": (aiff()[:-100], "truncated: .* 2000 bytes of samples, 1900 are there"),
    "aiff, offset beyond SSND": (aiff(offset=1 << 31), "2147483648 bytes into its SSND chunk"),
    "aiff, 0 bits": (aiff(bits=0), "samples of 0 bits"),
    "aiff, -1 bits": (aiff(bits=-1), "samples of -1 bits"),
    "aiff, -1 channels": (aiff(channels=-1), "promises -1 channels"),
    "aiff, two SSND": (
        aiff(after=chunk(b"SSND", bytes(8) + BIG, order=">")), "2 SSND chunks",
    ),
    "aiff, no COMM": (aiff().replace(b"COMM", b"NONE"), "an? AIFF file without its header"),
    "au, cut": (au()[:-100], "truncated: .* 2000 bytes of samples, 1900 are there"),
    "au, cut in its header": (au()[:20], "20 of 24 bytes are there"),
    "au, samples in the header": (au(start=4), "samples from byte 4 on"),
    "au, samples far away": (au(start=1 << 31), "samples from byte 2147483648 on"),
    "caf, cut": (caf()[:-100], "truncated: .* 2000 bytes of samples, 1900 are there"),
    "caf, packets that do not fit": (caf(packet=3), "frames of 3 bytes"),
    "wave64, absurd size of another chunk": (
        wave64().replace(struct.pack("<Q", 40), struct.pack("<Q", (1 << 63) + 7)),
        "without",
    ),
    "wave64, cut": (wave64(cut=100), "truncated: .* 2000 bytes of samples, 1900 are there"),
    "flac, total too large": (flac(50000), "promises 50000 samples, 20000 can be decoded"),
    "flac, absurd total": (flac((1 << 36) - 1), "promises 68719476735 samples, 20000 can"),
    "flac, cut": (flac(20000)[:-9], "promises 20000 samples, 16384 can be decoded"),
    "flac, cut in its header": (flac(20000)[:30], "30 bytes are less than the header"),
    "ogg, cut": (encoded("OGG", "VORBIS")[:-1], "last Ogg page promises .* are there"),
}  # fmt: skip

RATES: dict[str, Callable[[float], bytes]] = {
    "wav": lambda rate: riff(fmt(rate=int(rate)), chunk(b"data", LITTLE)),
    "aiff": lambda rate: aiff(rate=extended(rate)),
    "au": lambda rate: au(rate=int(rate)),
    "caf": lambda rate: caf(rate=rate),
}
CHANNELS: dict[str, Callable[[int], bytes]] = {
    "wav": lambda count: riff(fmt(channels=count, block=2 * count), chunk(b"data", LITTLE)),
    "au": lambda count: au(channels=count),
    "caf": lambda count: caf(channels=count, packet=2 * count),
}


def sound_or_reason(data: bytes) -> tuple[decoding.Sound | None, str]:
    try:
        return decoding.decode(data), ""
    except BadClip as reason:
        return None, str(reason)


def decoded_alone(data: bytes) -> tuple[decoding.Sound | None, str]:
    """Decode a file as if no other had been before it."""
    before, decoding._LAYOUTS = decoding._LAYOUTS, Layouts()
    try:
        return sound_or_reason(data)
    finally:
        decoding._LAYOUTS = before


def assert_alike(
    one: tuple[decoding.Sound | None, str], other: tuple[decoding.Sound | None, str]
) -> None:
    assert one[1] == other[1]
    if one[0] is not None and other[0] is not None:
        assert one[0].samples.tobytes() == other[0].samples.tobytes()
        assert one[0].samples.shape == other[0].samples.shape
        assert one[0][1:] == other[0][1:]


def assert_all_pulses(sound: decoding.Sound) -> None:
    np.testing.assert_array_equal(sound.samples, (PULSES / np.float32(32768))[None])
    assert sound.rate == 2000


@pytest.mark.parametrize("name", WHOLE)
def test_sound_headers_are_read_without_a_note(name: str) -> None:
    sound = decoding.decode(WHOLE[name])
    assert_all_pulses(sound)
    assert sound.notes == ()


@pytest.mark.parametrize("name", NOTED)
def test_samples_that_are_there_are_used_and_a_note_says_so(name: str) -> None:
    data, words = NOTED[name]
    sound = decoding.decode(data)
    assert_all_pulses(sound)
    assert len(sound.notes) == 1
    with pytest.raises(BadClip, match=words):
        raise BadClip(sound.notes[0])


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_believed_is_refused_with_its_numbers(name: str) -> None:
    data, words = REFUSED[name]
    with pytest.raises(BadClip, match=words):
        decoding.decode(data)


@pytest.mark.parametrize("kind", RATES)
@pytest.mark.parametrize("rate", [0, 1, 9, 10_000_001, 2.0**31])
def test_absurd_rates_are_refused_and_decide_nothing(kind: str, rate: float) -> None:
    data = RATES[kind](rate)
    for reader in (decoding.decode, decoding.read_rate):
        with pytest.raises(BadClip, match=r"samples per second .* from 10 Hz to 10 MHz"):
            reader(data)


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf, 1e300])
def test_rates_that_are_no_numbers_are_refused(rate: float) -> None:
    with pytest.raises(BadClip, match="samples per second"):
        decoding.decode(caf(rate=rate))


@pytest.mark.parametrize("exponent", [0x7FFF, 0x403C, 0xFFFF, 0xC009, 0])
def test_absurd_exponents_of_aiff_are_refused(exponent: int) -> None:
    with pytest.raises(BadClip, match="samples per second"):
        decoding.decode(aiff(rate=struct.pack(">HQ", exponent, 2000 << 53)))


@pytest.mark.parametrize("kind", CHANNELS)
@pytest.mark.parametrize("count", [0, 1025, 65535 // 2])
def test_absurd_channel_counts_are_refused(kind: str, count: int) -> None:
    with pytest.raises(BadClip, match=rf"promises {count} channels .* 1 to 1024"):
        decoding.decode(CHANNELS[kind](count))


def test_a_rate_of_aiff_that_is_no_whole_number_is_kept() -> None:
    assert decoding.decode(aiff(rate=extended(22254.5))).rate == 22254.5


@pytest.mark.parametrize(
    ("total", "words"),
    [(0, "does not say how many samples there are: 20000"), (5000, "promises 5000 samples, 20000")],
)
def test_a_flac_total_that_is_too_small_loses_nothing(total: int, words: str) -> None:
    sound = decoding.decode(flac(total))
    np.testing.assert_array_equal(sound.samples[0] * 32768, PULSES.repeat(20))
    assert words in sound.notes[0]


def test_ogg_streams_that_follow_each_other_are_all_read() -> None:
    once = decoding.decode(encoded("OGG", "VORBIS"))
    twice = decoding.decode(encoded("OGG", "VORBIS") * 2)
    np.testing.assert_array_equal(twice.samples, np.tile(once.samples, 2))
    assert twice.notes == ("holds 2 Ogg streams: all were read, one after the other",)


def test_an_ogg_file_without_its_last_page_says_that_it_may_be_cut() -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 48000)
    soundfile.write(file, noise, 16000, format="OGG", subtype="VORBIS")
    data = file.getvalue()
    sound = decoding.decode(data[: data.rfind(b"OggS")])
    assert 0 < sound.samples.size < 48000
    assert "may be cut off" in sound.notes[0]


def test_what_decoders_print_becomes_a_reason_or_a_note(capfd: pytest.CaptureFixture[str]) -> None:
    data = encoded("MP3", "MPEG_LAYER_III")
    with pytest.raises(BadClip, match="truncated"):
        decoding.decode(data[: len(data) // 2])
    sound = decoding.decode(data + data)
    assert any("its decoder said: Warning: Xing stream size" in note for note in sound.notes)
    assert capfd.readouterr() == ("", "")


def test_an_mp3_count_that_is_too_small_loses_nothing() -> None:
    data = bytearray(encoded("MP3", "MPEG_LAYER_III"))
    whole = decoding.decode(bytes(data))
    at = data.index(b"Xing") + 8
    data[at : at + 4] = (5).to_bytes(4, "big")
    sound = decoding.decode(bytes(data))
    np.testing.assert_array_equal(sound.samples, whole.samples)
    assert "promises 5 frames, " in sound.notes[0]


def test_an_mp3_file_without_a_count_is_read_to_its_end() -> None:
    data = encoded("MP3", "MPEG_LAYER_III")
    frames = list(mp3._frames(data, 0))
    sound = decoding.decode(data[frames[1].start :])
    assert sound.samples.size > 576 * (len(frames) - 2)
    with pytest.raises(BadClip, match=rf"promises {len(frames) - 1} frames, 2 are there"):
        decoding.decode(data[: frames[3].start])
    damaged = data[frames[1].start : frames[5].start] + b"junk" + data[frames[5].start :]
    assert "bytes after its 4 frames are no sound" in decoding.decode(damaged).notes[0]


def test_only_the_words_of_decoders_are_caught(capfd: pytest.CaptureFixture[str]) -> None:
    with words_of_decoders() as words:
        for stream in (1, 2):
            os.write(stream, b"{}\n[src/libmpg123/id3.c:process_comment():584] error: \x1b[31mno\n")
        os.write(1, b"alac_pakt_read_decode 855 : Ooops! count 6    bcount 24\n")
        warnings.warn("of a library", UserWarning, stacklevel=1)
    assert capfd.readouterr() == ("{}\n", "{}\n")
    assert words == [
        "error: ?[31mno",
        "Ooops! count 6 bcount 24",
        "error: ?[31mno",
        "of a library",
    ]


EXAMPLES = [
    *(WHOLE[name] for name in ("wav", "rifx", "rf64", "aiff", "au", "caf", "wave64")),
    flac(20000),
    encoded("OGG", "VORBIS"),
    encoded("MP3", "MPEG_LAYER_III"),
    encoded("AIFF", "FLOAT"),
    encoded("WAV", "IMA_ADPCM"),
    encoded("WAV", "PCM_24"),
    encoded("CAF", "ALAC_16"),
    encoded("VOC", "PCM_16"),
    encoded("NIST", "PCM_16"),
]
BYTES = st.binary(max_size=9) | st.sampled_from([b"\xff" * 4, b"\xff" * 8, bytes(4), bytes(8)])


@settings(max_examples=400, deadline=None)
@given(
    data=st.sampled_from(EXAMPLES),
    damages=st.lists(
        st.tuples(st.integers(0, 160), BYTES, st.sampled_from(["flip", "insert", "cut"])),
        min_size=1,
        max_size=3,
    ),
    kept=st.integers(0, 5000) | st.none(),
)
def test_damaged_headers_give_samples_or_a_reason_and_little_memory(
    data: bytes, damages: list[tuple[int, bytes, str]], kept: int | None
) -> None:
    for at, put, how in damages:
        gone = {"flip": len(put), "insert": 0, "cut": len(put) + 1}[how]
        data = data[:at] + (b"" if how == "cut" else put) + data[at + gone :]
    data = data[:kept]
    tracemalloc.start()
    sound, reason = sound_or_reason(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64e6
    assert reason.isprintable()
    if sound is not None:
        assert sound.samples.size
        assert np.isfinite(sound.samples).all()
        assert 10 <= sound.rate <= 1e7
        assert all(note.isprintable() for note in sound.notes)


def test_a_header_is_read_once_for_files_that_begin_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {data: decoded_alone(data) for data in (wav(), aiff(samples=BIG[::-1]), aiff())}
    walked: list[bytes] = []
    reader = decoding.read_header
    monkeypatch.setattr(decoding, "_LAYOUTS", Layouts())
    monkeypatch.setattr(decoding, "read_header", lambda data: walked.append(data) or reader(data))
    for data, expected in first.items():
        for _ in range(2):
            assert_alike(sound_or_reason(data), expected)
    assert len(walked) == 2


def damaged(data: bytes, damages: list[tuple[int, bytes]], kept: int | None) -> bytes:
    for at, put in damages:
        data = data[:at] + put + data[at + len(put) :]
    return data[:kept]


@settings(max_examples=400, deadline=None)
@given(
    data=st.sampled_from([*WHOLE.values(), *(data for data, _ in NOTED.values())]),
    damages=st.lists(
        st.lists(st.tuples(st.integers(0, 160), BYTES), max_size=2), min_size=2, max_size=4
    ),
    kept=st.integers(2000, 2100) | st.none(),
)
def test_no_file_is_read_otherwise_for_what_was_read_before(
    data: bytes, damages: list[list[tuple[int, bytes]]], kept: int | None
) -> None:
    first = damaged(data, damages[0], kept)
    for each in (first, *(damaged(first, further, None) for further in damages[1:])):
        assert_alike(sound_or_reason(each), decoded_alone(each))


@pytest.mark.parametrize("name", [*WHOLE, *NOTED])
@pytest.mark.parametrize("other", [b"\xff", b"\0", b"data", b"fmt ", b"COMM"])
def test_files_that_share_a_layout_would_each_have_it(name: str, other: bytes) -> None:
    data = WHOLE[name] if name in WHOLE else NOTED[name][0]
    for start in range(12, 80):
        twin = data[:start] + (other * len(data))[: len(data) - start]
        sound_or_reason(data)
        assert_alike(sound_or_reason(twin), decoded_alone(twin))
