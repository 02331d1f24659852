"""Writes pictures.zip and decode.json: small pictures in many formats by Pillow, and what Pillow decodes of them.

decode.json has for each picture the mode (what convert is given), size, sum and SHA-256 of the pixels (HWC). With
--check, compares instead. The pictures: smooth colours with edges and some noise, from a formula.
"""
import hashlib
import io
import json
import struct
import sys
import zipfile

import numpy as np
import PIL
from PIL import Image, features

PILLOW, TURBO = "13.0.0", "3.2.0"
assert PIL.__version__ == PILLOW and features.version("libjpeg_turbo") == TURBO, (PIL.__version__, features.version("libjpeg_turbo"))


def picture(w, h, seed=0):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    r = 128 + 100 * np.sin(x / 5 + y / 9)
    g = 255 * ((x // 6 + y // 5) % 2)
    b = 128 + 100 * np.cos(y / 4 - x / 7)
    p = np.stack([r, g * 0.6 + 40, b], -1) + rng.normal(0, 12, (h, w, 3))
    return Image.fromarray(p.clip(0, 255).astype(np.uint8), "RGB")


files = {}
golden = {}


def note(name, modes, pixels=None):
    for mode in modes:
        back = Image.open(io.BytesIO(files[name]))
        data = pixels if pixels is not None else back.convert(mode).tobytes()
        golden[f"{name} {mode}"] = {"w": back.width, "h": back.height, "sum": sum(data), "sha256": hashlib.sha256(data).hexdigest()}


def add(name, img, modes=("RGB",), **options):
    buf = io.BytesIO()
    img.save(buf, **options)
    files[name] = buf.getvalue()
    note(name, modes)


for w, h in ((27, 21), (24, 16), (5, 7), (4, 4), (3, 3), (2, 9), (1, 1), (33, 2)):
    for sub in ("4:4:4", "4:2:2", "4:2:0"):
        add(f"{w}x{h}-{sub.replace(':', '')}.jpg", picture(w, h), format="JPEG", quality=90, subsampling=sub)


def relabel(name, source, sampling, w, h):
    """Pillow writes no 4:4:0 and no 4:1:1, but a JPEG with as many blocks in each unit can be relabelled as one."""
    data = bytearray(files[source])
    sof = data.index(b"\xff\xc0")
    data[sof + 5:sof + 9] = struct.pack(">HH", h, w)
    data[sof + 11] = sampling
    files[name] = bytes(data)
    note(name, ("RGB",))


add("source-422.jpg", picture(46, 29), format="JPEG", quality=90, subsampling="4:2:2")  # 3 x 4 units of 16 x 8
add("source-420.jpg", picture(37, 47), format="JPEG", quality=90, subsampling="4:2:0")  # 3 x 3 units of 16 x 16
relabel("23x61-440.jpg", "source-422.jpg", 0x12, 23, 61)  # 3 x 4 units of 8 x 16
relabel("94x21-411.jpg", "source-420.jpg", 0x41, 94, 21)  # 3 x 3 units of 32 x 8
relabel("23x91-114.jpg", "source-420.jpg", 0x14, 23, 91)  # 3 x 3 units of 8 x 32
for quality in (1, 10, 60, 100):
    for sub in ("4:4:4", "4:2:0"):
        add(f"q{quality}-{sub.replace(':', '')}.jpg", picture(27, 21), format="JPEG", quality=quality, subsampling=sub,
            progressive=quality in (10, 100), optimize=quality in (1, 100))
noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (21, 27, 3), dtype=np.uint8))
add("noise-420.jpg", noise, format="JPEG", quality=50, subsampling="4:2:0")
add("noise-progressive-444.jpg", noise, format="JPEG", quality=50, subsampling="4:4:4", progressive=True)
add("grey-progressive.jpg", picture(27, 21).convert("L"), ("L",), format="JPEG", quality=85, progressive=True)
add("restart-progressive.jpg", picture(40, 24), format="JPEG", quality=75, progressive=True, restart_marker_blocks=2)
add("progressive-420.jpg", picture(27, 21), format="JPEG", quality=80, subsampling="4:2:0", progressive=True)
add("low-420.jpg", picture(27, 21), format="JPEG", quality=30, subsampling="4:2:0")
add("restart-420.jpg", picture(40, 24), format="JPEG", quality=75, subsampling="4:2:0", restart_marker_blocks=2)
add("grey.jpg", picture(27, 21).convert("L"), ("L", "RGB"), format="JPEG", quality=85)
add("cmyk.jpg", picture(27, 21).convert("CMYK"), format="JPEG", quality=95)
exif = Image.Exif()
exif[0x0112] = 6  # "turn by 90 degrees": open does not
add("turned.jpg", picture(20, 12), format="JPEG", quality=90, subsampling="4:4:4", exif=exif)



def patch(name, source, changes, mode="RGB"):
    """A JPEG whose markers say something else about the same data."""
    data = files[source]
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    files[name] = data
    note(name, (mode,))


patch("ycck.jpg", "cmyk.jpg", [(b"Adobe\0\x64\0\0\0\0\0", b"Adobe\0\x64\0\0\0\0\2")])
patch("rgb.jpg", "q60-444.jpg", [(b"JFIF\0\1\1\0\0\1\0\1\0\0", b"Adobe\0\x64\0\0\0\0\0\0\0"), (b"\xff\xe0", b"\xff\xee")])


def separate(name, w, h, factor):
    """Three scans of one component each, their data from three grey files with the same tables."""
    def grey(channel, w, h):
        buf = io.BytesIO()
        picture(w, h).getchannel(channel).save(buf, "JPEG", quality=80)
        return buf.getvalue()

    small_w, small_h = -(-w // factor), -(-h // factor)
    parts = [grey(0, w, h), grey(1, small_w, small_h), grey(2, small_w, small_h)]
    sof, sos = parts[0].index(b"\xff\xc0"), parts[0].index(b"\xff\xda")
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, h, w, 3) + bytes([1, factor * 17, 0, 2, 17, 0, 3, 17, 0])
    data = parts[0][:sof] + frame + parts[0][sof + 13:sos]
    for i, part in enumerate(parts):
        start = part.index(b"\xff\xda") + 10
        data += b"\xff\xda\0\x08\1" + bytes([i + 1]) + b"\0\0\x3f\0" + part[start:-2]
    files[name] = data + b"\xff\xd9"
    note(name, ("RGB",))


separate("separate-444.jpg", 27, 21, 1)
separate("separate-420.jpg", 27, 21, 2)

small = picture(19, 13)
add("rgb.png", small, ("RGB", "L"), format="PNG")
add("grey.png", small.convert("L"), ("L", "RGB"), format="PNG")
add("palette.png", small.quantize(32), format="PNG")
add("bit.png", small.convert("1"), ("L",), format="PNG")
alpha = small.copy()
alpha.putalpha(small.convert("L"))
add("rgba.png", alpha, format="PNG")
add("la.png", alpha.convert("LA"), ("L",), format="PNG")
deep = np.asarray(small.convert("L")).astype(np.uint16) * 256 + 77
add("grey16.png", Image.fromarray(deep), (), format="PNG")
# Pillow's own convert("L") clips 16-bit grey at 255; we keep the high byte, as Pillow does for 16-bit colour.
note("grey16.png", ("L",), (deep >> 8).astype(np.uint8).tobytes())
add("palette.gif", small.quantize(64), format="GIF")
add("frames.gif", small.quantize(64), format="GIF", save_all=True, append_images=[picture(19, 13, 1).quantize(64)])
add("rgb.bmp", small, format="BMP")
add("grey.bmp", small.convert("L"), ("L",), format="BMP")
add("rgb.tif", small, format="TIFF")
add("lzw.tif", small, format="TIFF", compression="tiff_lzw")
add("deflate.tif", small, format="TIFF", compression="tiff_adobe_deflate")
add("grey.tif", small.convert("L"), ("L",), format="TIFF")
add("lossless.webp", small, format="WEBP", lossless=True)
for w, h in ((27, 21), (20, 14), (1, 1), (2, 5)):
    add(f"lossy{w}x{h}.webp", picture(w, h), format="WEBP", quality=70)
add("alpha.webp", alpha, ("RGBA",), format="WEBP", quality=80)

folder = __file__.rsplit("/", 1)[0]
if "--check" in sys.argv:
    with zipfile.ZipFile(f"{folder}/pictures.zip") as z:
        assert {n: z.read(n) for n in z.namelist()} == files, "pictures.zip differs"
    assert json.load(open(f"{folder}/decode.json"))["pictures"] == golden, "decode.json differs"
else:
    with zipfile.ZipFile(f"{folder}/pictures.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in files.items():
            z.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    with open(f"{folder}/decode.json", "w") as f:
        lines = ",\n".join(f"{json.dumps(n)}: {json.dumps(g)}" for n, g in golden.items())
        f.write(f'{{"pillow": "{PILLOW}", "libjpeg_turbo": "{TURBO}", "pictures": {{\n{lines}\n}}}}\n')
