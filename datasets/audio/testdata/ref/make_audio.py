"""Reference values for sounds: WAV files and what they hold, resampling, spectra, log-mel features.

Writes audio.npz beside it. `--check` recomputes and fails if a stored value differs.
Made with scipy 1.17.1 and numpy 2.4.6 (scipy.io.wavfile, scipy.signal.resample_poly, scipy.signal.stft) and the module wave
of Python 3.11.

formula(salt) is as in internal/golden. "wav.NAME" are the bytes of a file and "wav.NAME.samples" its samples, the mean of
its channels; "resample.FROM.TO" is formula(2) of 700 values at another rate; "stft.WINDOW.HOP" the magnitudes of
formula(3) of 1000 values; "logmel.RATE" the features of a fading sweep with noise, which "sweep" holds.
"""

import io
import pathlib
import sys
import wave

import numpy as np
from scipy.io import wavfile
from scipy.signal import resample_poly, stft

FILE = pathlib.Path(__file__).parent / "audio.npz"


def formula(salt, *shape):
    with np.errstate(over="ignore"):
        z = (np.uint64(salt << 32) + np.arange(int(np.prod(shape)), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1).reshape(shape)


def wavs():
    """Files by scipy, the one of 24 bits by Python's wave; samples by scipy's reader."""
    files = {}
    for name, channels, convert in [
        ("u8", 1, lambda v: np.round(v * 127 + 128).astype(np.uint8)),
        ("i16", 1, lambda v: np.round(v * 32767).astype(np.int16)),
        ("i16-stereo", 2, lambda v: np.round(v * 32767).astype(np.int16)),
        ("i32", 1, lambda v: np.round(v * (2**31 - 1)).astype(np.int32)),
        ("f32", 3, lambda v: v.astype(np.float32)),
        ("f64", 1, lambda v: v),
    ]:
        data = convert(formula(1, 201, channels))
        out = io.BytesIO()
        wavfile.write(out, 22050, data if channels > 1 else data[:, 0])
        files[name] = out.getvalue()
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setnchannels(2)
        w.setsampwidth(3)
        w.setframerate(48000)
        whole = np.round(formula(1, 201, 2) * (2**23 - 1)).astype("<i4")
        w.writeframes(whole.reshape(-1, 1).view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    files["i24-stereo"] = out.getvalue()
    arrays = {}
    for name, data in files.items():
        _, v = wavfile.read(io.BytesIO(data))
        scale, shift = {"u": (128, 128), "i": (2.0 ** (8 * v.dtype.itemsize - 1), 0), "f": (1, 0)}[v.dtype.kind]
        v = (v.astype(np.float64) - shift) / scale
        arrays["wav." + name] = np.frombuffer(data, dtype=np.uint8)
        arrays[f"wav.{name}.samples"] = (v.mean(1) if v.ndim == 2 else v).astype(np.float32)
    return arrays


def magnitudes(x, window, hop):
    return np.abs(stft(x, nperseg=window, noverlap=window - hop)[2]).T


def logmel(x, rate):
    power = magnitudes(x, 512, 128) ** 2
    to_mel = lambda f: 2595 * np.log10(1 + f / 700)
    corners = 700 * (10 ** (np.linspace(to_mel(50), to_mel(rate / 2), 34) / 2595) - 1)
    f = np.arange(257) * rate / 512
    filters = np.array([np.interp(f, corners[i : i + 3], [0, 1, 0]) for i in range(32)])
    db = 10 * np.log10(np.maximum(power @ filters.T, 1e-8))
    n = len(db)
    return np.concatenate([db[k * n // 3 : (k + 1) * n // 3].mean(0) for k in range(3)])


def main():
    arrays = wavs()
    x = formula(2, 700)
    for a, b in [(44100, 16000), (16000, 44100), (16000, 8000), (8000, 16000), (22050, 8000), (48000, 16000)]:
        g = np.gcd(a, b)
        arrays[f"resample.{a}.{b}"] = resample_poly(x, b // g, a // g).astype(np.float32)
    for window, hop in [(256, 64), (32, 12)]:
        arrays[f"stft.{window}.{hop}"] = magnitudes(formula(3, 1000), window, hop).astype(np.float32)
    t = np.arange(3000) / 3000
    sweep = (np.exp(-4 * t) * np.sin(600 * t + 2500 * t**2) + 0.01 * formula(4, 3000)).astype(np.float32)
    arrays["sweep"] = sweep
    for rate in [8000, 16000]:
        arrays[f"logmel.{rate}"] = logmel(sweep.astype(np.float64), rate).astype(np.float32)
    if "--check" not in sys.argv:
        np.savez_compressed(FILE, **arrays)
        return
    stored = np.load(FILE)
    assert sorted(stored) == sorted(arrays), "other names"
    for k, v in arrays.items():
        np.testing.assert_allclose(v, stored[k], rtol=1e-5, atol=1e-7, err_msg=k)


if __name__ == "__main__":
    main()
