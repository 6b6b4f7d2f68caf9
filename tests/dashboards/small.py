"""small.py FROM TO: a picture for the documentation, of few colours, so that it is small."""

import sys

from PIL import Image

picture = Image.open(sys.argv[1]).convert("RGB")
picture = picture.resize((picture.width * 3 // 4, picture.height * 3 // 4), Image.Resampling.LANCZOS)
picture.quantize(128, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE).save(sys.argv[2], optimize=True)
