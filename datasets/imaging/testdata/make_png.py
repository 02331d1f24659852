"""Writes text.png: one PNG with the three kinds of text chunk, by Pillow. With --check, compares instead."""
import io
import sys

import PIL
from PIL import Image, PngImagePlugin

PILLOW = "13.0.0"
assert PIL.__version__ == PILLOW, f"made with Pillow {PILLOW}, this is {PIL.__version__}"
info = PngImagePlugin.PngInfo()
info.add_text("plain", "Grüße")
info.add_text("zipped", "abc " * 100, zip=True)
info.add_itxt("unicode", "画像 42")
info.add_itxt("both", "é漢" * 50, zip=True)
buf = io.BytesIO()
Image.new("RGB", (2, 2), (1, 2, 3)).save(buf, "PNG", pnginfo=info)
path = __file__.rsplit("/", 1)[0] + "/text.png"
if "--check" in sys.argv:
    assert open(path, "rb").read() == buf.getvalue(), "text.png differs"
else:
    open(path, "wb").write(buf.getvalue())
