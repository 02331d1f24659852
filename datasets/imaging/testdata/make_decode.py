"""Writes jpeg.zip and formats.zip: small pictures in many formats by Pillow, each with the pixels that Pillow decodes (raw, HWC).

Entries: NAME.EXT, NAME.EXT.L, .RGB or .RGBA (what convert gives) preceded by two little-endian uint16, width and
height. With --check, compares instead. The picture: smooth colours with edges and some noise, from a formula.
"""
import io
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


def add(name, img, modes=("RGB",), **options):
    buf = io.BytesIO()
    img.save(buf, **options)
    files[name] = buf.getvalue()
    for mode in modes:
        back = Image.open(io.BytesIO(buf.getvalue()))
        files[f"{name}.{mode}"] = struct.pack("<HH", *back.size) + back.convert(mode).tobytes()


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
    back = Image.open(io.BytesIO(files[name]))
    files[f"{name}.RGB"] = struct.pack("<HH", *back.size) + back.convert("RGB").tobytes()


add("source-422.jpg", picture(46, 29), (), format="JPEG", quality=90, subsampling="4:2:2")  # 3 x 4 units of 16 x 8
add("source-420.jpg", picture(37, 47), (), format="JPEG", quality=90, subsampling="4:2:0")  # 3 x 3 units of 16 x 16
relabel("23x61-440.jpg", "source-422.jpg", 0x12, 23, 61)  # 3 x 4 units of 8 x 16
relabel("94x21-411.jpg", "source-420.jpg", 0x41, 94, 21)  # 3 x 3 units of 32 x 8
add("progressive-420.jpg", picture(27, 21), format="JPEG", quality=80, subsampling="4:2:0", progressive=True)
add("low-420.jpg", picture(27, 21), format="JPEG", quality=30, subsampling="4:2:0")
add("restart-420.jpg", picture(40, 24), format="JPEG", quality=75, subsampling="4:2:0", restart_marker_blocks=2)
add("grey.jpg", picture(27, 21).convert("L"), ("L", "RGB"), format="JPEG", quality=85)
add("cmyk.jpg", picture(27, 21).convert("CMYK"), format="JPEG", quality=95)
exif = Image.Exif()
exif[0x0112] = 6  # "turn by 90 degrees": open does not
add("turned.jpg", picture(20, 12), format="JPEG", quality=90, subsampling="4:4:4", exif=exif)

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
files["grey16.png.L"] = struct.pack("<HH", 19, 13) + (deep >> 8).astype(np.uint8).tobytes()
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

for kind in ("jpeg", "formats"):
    part = {n: d for n, d in files.items() if (".jpg" in n) == (kind == "jpeg")}
    path = f"{__file__.rsplit('/', 1)[0]}/{kind}.zip"
    if "--check" in sys.argv:
        with zipfile.ZipFile(path) as z:
            assert {n: z.read(n) for n in z.namelist()} == part, f"{path} differs"
        continue
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in part.items():
            z.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
